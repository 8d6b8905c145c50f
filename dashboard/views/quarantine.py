"""What waits for a person before it counts: held readings and refused ones, as somebody decides on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerts.book import texts
from alerts.readings.measured import HeldFor
from dashboard.components import Json
from dashboard.numbers import number, short_number
from dashboard.views.wording import full_name
from dashboard.words import LANGUAGE, say
from ingest.rejection import Reason
from ingest.review import said
from store import held
from store.corrections import SYSTEM
from store.held import HeldReading
from store.quarantine import Place, QuarantineItem, Scope
from vitals.ask import AskAnswer
from vitals.ids import ReadingId, StaffId
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
"""Each reason of a refusal in words, and what a person can do about it."""

_HELD: dict[str, tuple[str, str]] = {
    HeldFor.IMPLAUSIBLE: ("A value that cannot be", "Ask for a new reading. Release it only if it is right."),
    HeldFor.UNIT_FLIP: ("Perhaps pounds instead of kilograms", "Ask which unit the scale shows."),
    HeldFor.OTHER_PERSON: ("Perhaps somebody else measured", "Ask the patient who measured then."),
    HeldFor.PULSE_MISMATCH: (
        "Oximeter and cuff disagree about the pulse",
        "Ask for a new reading, hand warm.",
    ),
}
"""Each check that holds a reading back, and what a person can do about it."""


class Show(StrEnum):
    """Which half of the page is open: readings of known patients, or what the hub refused."""

    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many wait of each kind: held, and refused by reason."""

    held: int
    refused: Mapping[str, int]

    def opened(self, wanted: object) -> Show:
        """The half that was asked for; without a wish the one in which something waits."""
        if wanted in list(Show):
            return Show(str(wanted))
        return Show.HELD if self.held or not self.refused else Show.REFUSED


def quarantine_props(
    show: Show, items: Sequence[Json], waiting: Waiting, reason: str | None, then: Json, now: datetime
) -> dict[str, Json]:
    """One page of one half. `then` asks for the page after it; None where there is none."""
    return {
        "now": now.isoformat(),
        "show": show,
        "counts": {"held": waiting.held, "refused": sum(waiting.refused.values())},
        "reason": reason,
        "reasons": [
            {"code": code, "words": say(REASONS[Reason(code)][0]), "count": count}
            for code, count in waiting.refused.items()
        ],
        "items": items,
        "next": then,
    }


Labels = Mapping[str, str]
"""What gateways and devices are called, by their ids; one without a label is known by its id alone."""
_NONE: Labels = {}


def _called(known_as: str | None, labels: Labels) -> str | None:
    label = labels.get(known_as or "")
    return f"{label} ({known_as})" if label else known_as


def held_item(one: HeldReading, names: Mapping[StaffId, str], labels: Labels = _NONE) -> dict[str, Json]:
    """A held reading with its patient, why it is held, and what the patient measured before."""
    words, advice = _HELD.get(one.reason or "", ("Held for a check", "Ask the patient, then decide."))
    by = None
    if one.author not in (None, SYSTEM):
        words, advice = "Held by a person", "Ask the patient, then decide."
        by = say(
            "{name}: {reason}", name=names.get(StaffId(one.author or ""), say("Somebody")), reason=one.reason
        )
    return {
        "id": one.reading_id,
        "patient": {
            "id": one.patient_id,
            "name": full_name(one.given_name, one.family_name),
            "record_number": one.record_number,
            "href": f"/app/patients/{one.patient_id}",
        },
        "reason": say(words),
        "advice": say(advice),
        "detail": by,
        "patient_says": _patient_says(one),
        "gateway": None,
        "device": _called(one.device_id, labels),
        "arrived": one.received_at.isoformat(),
        "measured": one.measured_at.isoformat(),
        "values": values_in_words(one.measured),
        "before": values_in_words(one.before),
        "is_reading": True,
    }


def _patient_says(one: HeldReading) -> str | None:
    """The patient's word on whose reading it is; None where they were not asked or it is settled."""
    if one.asked_at is None:
        return None
    if one.answer is None:
        return say("The patient was asked whether this was them: not answered yet")
    return {
        AskAnswer.YES: say("The patient says: this was me"),
        AskAnswer.NO: say("The patient says: not me"),
    }.get(AskAnswer(one.answer))


def refused_item(item: QuarantineItem, labels: Labels = _NONE) -> dict[str, Json]:
    """A refused reading or message, as far as it can be made out."""
    words, advice = REASONS[Reason(item.reason)]
    reading = said(item)
    return {
        "id": item.quarantine_id,
        "patient": None,
        "reason": say(words),
        "advice": say(advice),
        "patient_says": None,
        "detail": None if item.detail in (item.device_id, item.gateway_id) else item.detail,
        "gateway": _called(item.gateway_id, labels),
        "device": _called(item.device_id, labels),
        "arrived": item.arrived_at.isoformat(),
        "measured": reading.measured_at.isoformat() if reading else None,
        "values": _wire_values(reading) if reading else [],
        "before": [],
        "is_reading": item.scope is Scope.READING and reading is not None,
    }


def _wire_values(reading: WireReading) -> list[str]:
    """Each value in words; one of a measure that we do not know as it was said."""
    known = {Measure(name): value for name, value in reading.values.items() if name in list(Measure)}
    unknown = [
        f"{name} {short_number(value)}" for name, value in reading.values.items() if name not in list(Measure)
    ]
    return values_in_words(known) + unknown


def values_in_words(values: Mapping[Measure, float]) -> list[str]:
    """Each value with its name and unit, the two pressures together: Blood pressure 128/78 mmHg."""
    left = {Measure(measure): value for measure, value in values.items()}
    words: list[str] = []
    top, bottom = left.get(Measure.SYSTOLIC), left.get(Measure.DIASTOLIC)
    if top is not None and bottom is not None:
        left = {measure: value for measure, value in left.items() if measure not in _PRESSURES}
        words.append(f"{say('Blood pressure')} {top:.0f}/{bottom:.0f} mmHg")
    for measure in (one for one in Measure if one in left):
        spec = SPECS[measure]
        words.append(
            f"{_name(measure)} {number(left[measure], spec.decimals)} {say(spec.display_unit)}".rstrip()
        )
    return words


_PRESSURES = (Measure.SYSTOLIC, Measure.DIASTOLIC)


def _name(measure: Measure) -> str:
    try:
        return texts.text(f"measure_{measure.value}", {}, LANGUAGE.get())
    except texts.UnknownText:
        return measure.value.replace("_", " ").capitalize()


def refused_after(cursor: object) -> Place | None:
    """Where the page asked for begins among the refused; None for the first."""
    match cursor:
        case [str(text), int(quarantine_id)] if at := _instant(text):
            return Place(arrived_at=at, quarantine_id=quarantine_id)
        case _:
            return None


def held_after(cursor: object) -> held.Place | None:
    """Where the page asked for begins among the held; None for the first."""
    match cursor:
        case [str(text), str(reading_id)] if at := _instant(text):
            return held.Place(measured_at=at, reading_id=ReadingId(reading_id))
        case _:
            return None


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
