"""What the simulated homes measure once the ward is up: a script first, then plausible readings for ever."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count, pairwise
from zoneinfo import ZoneInfo

from simulators.chance import own_seed, uniform
from simulators.people import Person, person_of
from simulators.physiology import measured, true_values
from simulators.ward import Device, Family, Home, Script
from vitals.ids import DeviceId
from vitals.measure import Measure


class Fault(StrEnum):
    """What goes wrong with a measurement, for the simulated device to act out."""

    FAILED = "failed"
    WRONG_CLOCK = "wrong_clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measurement that a patient takes `after` the ward's start, with what the device will show.

    With Fault.FAILED the device reports that it could not measure, whatever `values` say. With
    Fault.WRONG_CLOCK its clock is wrong by hours at the time, until a gateway sets it.
    """

    after: timedelta
    device_id: DeviceId
    values: Mapping[Measure, float]
    faults: frozenset[Fault] = field(default_factory=frozenset[Fault])


MEASURES: dict[Family, tuple[Measure, ...]] = {
    Family.CUFF: (Measure.SYSTOLIC, Measure.DIASTOLIC, Measure.HEART_RATE),
    Family.SCALE: (Measure.WEIGHT,),
    Family.OXIMETER: (Measure.SPO2, Measure.HEART_RATE),
    Family.GLUCOSE_METER: (Measure.GLUCOSE,),
}
_INTERVAL: dict[Family, timedelta] = {
    Family.CUFF: timedelta(seconds=75),
    Family.SCALE: timedelta(seconds=110),
    Family.OXIMETER: timedelta(seconds=50),
    Family.GLUCOSE_METER: timedelta(seconds=140),
}
# A ward that somebody has just started should be seen to live; later half the pace is enough.
_LIVELY = timedelta(minutes=15)
# A thousand readings a day would meet every limit by noise alone: these patients sit still.
_CALM = 0.5

# Oximeter of the man who deteriorates: when, SpO2 and pulse. The first low reading comes after most of a
# minute, the second confirms it; the rest stays low while somebody reads the alert, then oxygen helps. The
# pulse stays within 15 /min of what the cuff counts minutes apart, or the oximeter would be mistrusted.
_DETERIORATION: tuple[tuple[float, float, float], ...] = (
    (12, 90, 89), (52, 82, 93), (92, 81, 95), (132, 81, 96), (180, 82, 96), (240, 82, 95),
    (300, 83, 95), (375, 85, 94), (450, 86, 93), (525, 87, 92), (600, 88, 91),
)  # fmt: skip
_CALM_AGAIN_AFTER_S = 1800.0


def measurements(home: Home, seed: int, started_at: datetime) -> Iterator[Measurement]:
    """Everything the home measures from `started_at` on, in order, for ever.

    The same home, seed and start give the same stream.
    """
    person = person_of(home.patient_id)
    streams = (_of_device(home, device, person, seed, started_at) for device in home.devices)
    yield from heapq.merge(*streams, key=lambda measurement: measurement.after)


def _of_device(
    home: Home, device: Device, person: Person, seed: int, started_at: datetime
) -> Iterator[Measurement]:
    begin = timedelta(seconds=8 + 40 * uniform(seed, "phase", device.device_id))
    if home.script is Script.COPD_DETERIORATES and device.family is Family.OXIMETER:
        yield from _deterioration(device)
        begin = timedelta(seconds=_DETERIORATION[-1][0]) + _INTERVAL[device.family]
    for number, after in enumerate(_times(device, seed, begin)):
        at = started_at + after
        truth = true_values(
            person.body,
            (),
            seed=own_seed(seed, person.patient_id),
            at=at,
            time_zone=ZoneInfo(home.time_zone),
        )
        label = f"{device.device_id}/{at.isoformat()}"
        values = measured(truth, MEASURES[device.family], seed=seed, label=label, noise=_CALM)
        if home.script is Script.COPD_DETERIORATES and Measure.HEART_RATE in values:
            # One heart: a cuff whose pulse is another would have the oximeter taken for badly worn.
            values[Measure.HEART_RATE] = _excited(values[Measure.HEART_RATE], after.total_seconds())
        yield Measurement(
            after=after, device_id=device.device_id, values=values, faults=_faults(home, device, number)
        )


def _times(device: Device, seed: int, begin: timedelta) -> Iterator[timedelta]:
    after = begin
    for number in count():
        yield after
        pace = 1 if after < _LIVELY else 2
        spread = 0.8 + 0.4 * uniform(seed, "interval", device.device_id, number)
        after += _INTERVAL[device.family] * pace * spread


def _deterioration(device: Device) -> Iterator[Measurement]:
    for seconds, spo2, heart_rate in _DETERIORATION:
        yield Measurement(
            after=timedelta(seconds=seconds),
            device_id=device.device_id,
            values={Measure.SPO2: spo2, Measure.HEART_RATE: heart_rate},
        )


def _excited(calm: float, seconds: float) -> float:
    """The pulse of the one who deteriorates at that point of the script, and its way back to `calm`."""
    course = ((0.0, calm), *((at, pulse) for at, _, pulse in _DETERIORATION), (_CALM_AGAIN_AFTER_S, calm))
    if seconds >= _CALM_AGAIN_AFTER_S:
        return calm
    (begin, before), (end, then) = next(pair for pair in pairwise(course) if seconds <= pair[1][0])
    return round(before + (then - before) * (seconds - begin) / (end - begin))


def _faults(home: Home, device: Device, number: int) -> frozenset[Fault]:
    scripted = home.script is Script.WRONG_CLOCK_AND_FAILED_READING and device.family is Family.CUFF
    if scripted and number == 0:
        return frozenset({Fault.WRONG_CLOCK})
    if scripted and number == 2:
        return frozenset({Fault.FAILED})
    return frozenset()
