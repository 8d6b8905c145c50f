"""Gateways, devices and whose they are, as the page draws them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dashboard.components import Json
from store.completeness import Gap
from store.devices import Device
from store.gateways import Gateway
from vitals.ids import PatientId
from vitals.patient import Assignment

_LOW_BATTERY = 20
_CLOCK_OFF_S = 300


def equipment_props(
    gateways: Sequence[Gateway],
    devices: Sequence[Device],
    assignments: Sequence[Assignment],
    gaps: Sequence[Gap],
    names: Mapping[PatientId, str],
    profiles: Sequence[tuple[str, str]],
    now: datetime,
) -> dict[str, Json]:
    """Every gateway with its devices; devices without a gateway last."""
    current = [
        one for one in assignments if one.starts_at <= now and (one.ends_at is None or one.ends_at > now)
    ]
    words = dict(profiles)
    missing = {gap.gateway_id: gap.missing for gap in gaps}

    def of(gateway_id: str | None) -> list[Json]:
        return [
            _device(device, words.get(device.profile, device.profile), current, names)
            for device in devices
            if device.gateway_id == gateway_id
        ]

    homes: list[Json] = [
        _gateway(one, of(one.gateway_id), missing.get(one.gateway_id, 0)) for one in gateways
    ]
    return {
        "now": now.isoformat(),
        "gateways": homes,
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


def _device(
    device: Device, profile: str, current: Sequence[Assignment], names: Mapping[PatientId, str]
) -> Json:
    return {
        "id": device.device_id,
        "label": device.label or profile,
        "profile": profile,
        "seen": device.last_seen_at.isoformat() if device.last_seen_at else None,
        "battery": device.battery_percent,
        "battery_low": device.battery_percent is not None and device.battery_percent <= _LOW_BATTERY,
        "clock_off": device.clock_offset_s is not None and abs(device.clock_offset_s) > _CLOCK_OFF_S,
        "needs_pairing": device.needs_pairing,
        "people": [
            {
                "name": names.get(one.patient_id, one.patient_id),
                "href": f"/app/patients/{one.patient_id}",
                "slot": one.user_slot,
                "since": one.starts_at.isoformat(),
            }
            for one in current
            if one.device_id == device.device_id
        ],
    }
