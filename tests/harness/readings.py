"""Readings for the tests, each a little different from the others."""

from datetime import UTC, datetime, timedelta

from vitals.ids import DeviceId
from vitals.measure import Measure
from vitals.reading import Reading, reading_id

START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def reading(number: int = 0, *, device: str = "cuff-1", raw: bytes | None = None) -> Reading:
    """A blood pressure, measured `number` minutes after START."""
    at = START + timedelta(minutes=number)
    frame = raw if raw is not None else b"\x1e" + number.to_bytes(4, "little") + bytes(14)
    said = at.strftime("%Y-%m-%dT%H:%M:%S")
    return Reading(
        reading_id=reading_id(DeviceId(device), frame, said, at),
        device_id=DeviceId(device),
        profile="standard_cuff",
        measured_at=at,
        received_at=at,
        device_time=said,
        values={
            Measure.SYSTOLIC: 120.0 + number % 40,
            Measure.DIASTOLIC: 80.0,
            Measure.HEART_RATE: 71.0,
        },
        raw=frame,
    )
