"""What waits in quarantine, as a person needs it to decide."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dashboard.components import Json
from dashboard.views.wording import number
from ingest.rejection import Reason
from ingest.review import said
from store.quarantine import QuarantineItem, Scope
from vitals.measure import SPECS, Measure
from wire.messages import WireReading

_SUPPLIER = "Keep it for the supplier, or discard it."
_OPERATOR = "Keep it for whoever runs the hub."

REASONS: dict[Reason, tuple[str, str]] = {
    Reason.UNDECODABLE: ("Cannot be read", _SUPPLIER),
    Reason.UNKNOWN_VERSION: ("From a newer gateway", "Update the hub, then release it."),
    Reason.FOREIGN_GATEWAY: ("Sent under another gateway's name", "Ask who set the gateway up first."),
    Reason.UNKNOWN_GATEWAY: ("Gateway is not enrolled", "Enrol the gateway, then release it."),
    Reason.INACTIVE_GATEWAY: ("Gateway is switched off here", "Switch it on again, then release it."),
    Reason.UNKNOWN_DEVICE: ("Device is not enrolled", "Enrol the device, then release it."),
    Reason.FOREIGN_DEVICE: ("Device belongs to another home", "Find out how it got there first."),
    Reason.UNASSIGNED: ("Nobody had the device then", "Give the reading to whoever measured."),
    Reason.UNKNOWN_WORD: ("A word that this hub does not know", "Update the hub, then release it."),
    Reason.EMPTY: ("No value in it", "Discard it."),
    Reason.CONTRADICTORY: ("Values that contradict each other", "Ask for a new reading; discard this one."),
    Reason.IMPLAUSIBLE: ("A value that cannot be", "Ask for a new reading. Release it only if it is right."),
    Reason.ID_TAKEN: ("Another device used the same id", _SUPPLIER),
    Reason.REFUSED_BY_STORE: ("The database refuses it", _OPERATOR),
    Reason.HUB_MISTAKE: ("A mistake of the hub", _OPERATOR),
}
"""Each reason in words, and what a person can do about it."""


def quarantine_props(
    items: Sequence[QuarantineItem], counts: Mapping[str, int], reason: str | None, now: datetime
) -> dict[str, Json]:
    """The newest items, of one reason or of all, and how many there are of each."""
    return {
        "now": now.isoformat(),
        "reason": reason,
        "reasons": [
            {"code": code, "words": REASONS[Reason(code)][0], "count": count}
            for code, count in counts.items()
        ],
        "total": sum(counts.values()),
        "items": [_item(item) for item in items],
    }


def _item(item: QuarantineItem) -> Json:
    words, advice = REASONS[Reason(item.reason)]
    reading = said(item)
    return {
        "id": item.quarantine_id,
        "reason": words,
        "advice": advice,
        "detail": item.detail,
        "gateway": item.gateway_id,
        "device": item.device_id,
        "arrived": item.arrived_at.isoformat(),
        "measured": reading.measured_at.isoformat() if reading else None,
        "values": values_in_words(reading) if reading else [],
        "is_reading": item.scope is Scope.READING and reading is not None,
    }


def values_in_words(reading: WireReading) -> list[str]:
    """Each value with its unit; a measure that we do not know as it was said."""
    words: list[str] = []
    for name, value in reading.values.items():
        if name in list(Measure):
            spec = SPECS[Measure(name)]
            words.append(f"{name.replace('_', ' ')} {number(value, spec.decimals)} {spec.display_unit}")
        else:
            words.append(f"{name} {value:g}")
    return words
