"""Gateways, devices and whose they are, as the page draws them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.components import Json
from dashboard.views.wording import full_name
from store.completeness import Gap
from store.devices import Device
from store.equipment import (
    CLOCK_OFF_S,
    LOW_BATTERY_PERCENT,
    PAGE,
    Asked,
    Counts,
    Holder,
    Place,
    State,
    place_of,
)
from store.gateways import Gateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """One page of the ward's homes. `gateways` may hold one more than a page: then there is a next one."""

    gateways: Sequence[Gateway]
    devices: Sequence[Device]
    holders: Sequence[Holder]
    gaps: Sequence[Gap]
    counts: Counts


def asked_from(query: Mapping[str, object], ward_id: str) -> Asked:
    """What a page asks for. Anything odd in it is left out rather than refused: it only filters."""
    search, state = query.get("search"), query.get("state")
    return Asked(
        ward_id=ward_id,
        search=search[:80] if isinstance(search, str) else "",
        state=State(state) if state in list(State) else None,
        after=_place(query.get("after")),
        limit=PAGE + 1,
    )


def _place(after: object) -> Place | None:
    match after:
        case [str(sort), str(gateway_id)]:
            return sort, gateway_id
        case _:
            return None


def equipment_props(
    homes: Homes, asked: Asked, profiles: Sequence[tuple[str, str]], now: datetime
) -> dict[str, Json]:
    """A page of gateways with their devices; devices without a gateway on the last page."""
    words = dict(profiles)
    missing: dict[str, int] = {}
    for gap in homes.gaps:
        missing[gap.gateway_id] = missing.get(gap.gateway_id, 0) + gap.missing

    def of(gateway_id: str | None) -> list[Json]:
        return [
            _device(device, words.get(device.profile, device.profile), homes.holders)
            for device in homes.devices
            if device.gateway_id == gateway_id
        ]

    shown = homes.gateways[:PAGE]
    drawn: list[Json] = [_gateway(one, of(one.gateway_id), missing.get(one.gateway_id, 0)) for one in shown]
    return {
        "now": now.isoformat(),
        "search": asked.search,
        "state": asked.state,
        "total": homes.counts.homes,
        "states": [{"key": state, "count": homes.counts.states[state]} for state in State],
        "gateways": drawn,
        "next": list(place_of(shown[-1])) if len(homes.gateways) > PAGE else None,
        "loose": of(None),
        "profiles": [{"id": key, "name": name} for key, name in profiles],
    }


def _gateway(gateway: Gateway, devices: list[Json], missing: int) -> Json:
    return {
        "id": gateway.gateway_id,
        "label": gateway.label,
        "active": gateway.active,
        "online": gateway.online,
        "status": gateway.status_at.isoformat() if gateway.status_at else None,
        "waiting": gateway.outbox_waiting,
        "missing": missing,
        "devices": devices,
    }


def _device(device: Device, profile: str, holders: Sequence[Holder]) -> Json:
    return {
        "id": device.device_id,
        "label": device.label or profile,
        "profile": profile,
        "seen": device.last_seen_at.isoformat() if device.last_seen_at else None,
        "battery": device.battery_percent,
        "battery_low": device.battery_percent is not None and device.battery_percent <= LOW_BATTERY_PERCENT,
        "clock_off": device.clock_offset_s is not None and abs(device.clock_offset_s) > CLOCK_OFF_S,
        "needs_pairing": device.needs_pairing,
        "people": [_holder(one) for one in holders if one.device_id == device.device_id],
    }


def _holder(one: Holder) -> Json:
    """Of a patient of another ward only that the device is taken."""
    known = one.patient_id is not None
    return {
        "name": full_name(one.given_name or "", one.family_name or "") if known else None,
        "record_number": one.record_number,
        "href": f"/app/patients/{one.patient_id}" if known else None,
        "slot": one.user_slot,
        "since": one.starts_at.isoformat(),
    }
