"""From what a device said to a reading: the one place where units, clocks and failures are settled."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from device_profiles.measurement import Measurement
from device_profiles.profile import Profile
from device_profiles.units import convert
from vitals.ids import DeviceId
from vitals.measure import SPECS, Measure
from vitals.reading import ClockState, Origin, Quality, Reading, reading_id

USER_UNKNOWN = 0xFF
# Clinical data quality rules: device time against receipt.
FUTURE_TOLERANCE = timedelta(minutes=5)
HISTORIC_AFTER = timedelta(hours=48)
EARLIEST_YEAR = 2015
# A reading without these is no reading; the others are what the device adds to them.
_PRINCIPAL = frozenset(
    {
        Measure.SYSTOLIC,
        Measure.DIASTOLIC,
        Measure.WEIGHT,
        Measure.SPO2,
        Measure.TEMPERATURE,
        Measure.GLUCOSE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAReading:
    """A frame that was understood and of which no reading may come, with the reason."""

    reason: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class _When:
    measured_at: datetime
    clock: ClockState
    quality: frozenset[Quality]


def normalise(
    profile: Profile,
    measurement: Measurement,
    *,
    device_id: DeviceId,
    received_at: datetime,
    zone: tzinfo,
    raw: bytes,
    clock_offset: timedelta | None = None,
    identity: bytes | None = None,
) -> Reading | NotAReading:
    """The reading of a measurement, its values in each measure's own unit.

    `zone` is the home's: a device's clock is on the wall there. `clock_offset` is what must be added to the
    device's time, where the session compared clocks before setting it. `identity` tells this measurement
    from another, where one comes in several frames that differ; else `raw` does. A measurement that failed,
    or cannot be physiology, becomes a reading with `failure` and without values, so that somebody sees it.
    """
    raw = raw if measurement.raw is None else measurement.raw
    if measurement.withheld is not None:
        return NotAReading(reason=measurement.withheld, raw=raw)
    if not measurement.final:
        return NotAReading(reason="not final yet", raw=raw)
    when = _when(measurement, received_at, profile.zone or zone, clock_offset)
    if measurement.stored and when.clock == ClockState.UNSET:
        return NotAReading(reason="stored at a time that cannot be known", raw=raw)
    values = _values(measurement)
    kept = _plausible(profile, values)
    failure = measurement.failure or _impossible(values, kept)
    quality = measurement.quality | when.quality
    if not failure and len(kept) < len(values):
        quality |= {Quality.QUESTIONABLE}
    if profile.experimental:
        quality |= {Quality.EXPERIMENTAL}
    said = measurement.device_time.text if measurement.device_time else None
    return Reading(
        reading_id=reading_id(device_id, raw if identity is None else identity, said, received_at),
        device_id=device_id,
        profile=profile.name,
        measured_at=when.measured_at,
        received_at=received_at,
        device_time=said,
        clock=when.clock,
        origin=_origin(profile, measurement, received_at - when.measured_at),
        user_slot=None if measurement.user == USER_UNKNOWN else measurement.user,
        values={} if failure else kept,
        quality=frozenset(quality),
        failure=failure,
        raw=raw,
    )


def _when(
    measurement: Measurement, received_at: datetime, zone: tzinfo, clock_offset: timedelta | None
) -> _When:
    said = measurement.device_time
    if measurement.age is not None:
        return _When(measured_at=received_at - measurement.age, clock=ClockState.FINE, quality=frozenset())
    if said is None and not measurement.clock_unset:
        return _When(measured_at=received_at, clock=ClockState.FINE, quality=frozenset())
    local = said.moment if said else None
    unset = local is None or measurement.clock_unset or local.year < EARLIEST_YEAR
    if local is None or (unset and clock_offset is None):
        return _When(
            measured_at=received_at, clock=ClockState.UNSET, quality=frozenset({Quality.CLOCK_UNSET})
        )
    offset = measurement.time_offset + (clock_offset or timedelta())
    measured_at = _instant(local, offset, zone, received_at)
    doubtful = abs(clock_offset or timedelta()) > FUTURE_TOLERANCE
    if measured_at is None or measured_at > received_at + FUTURE_TOLERANCE:
        measured_at, doubtful = received_at, True
    if doubtful:
        return _When(
            measured_at=measured_at,
            clock=ClockState.DOUBTFUL,
            quality=frozenset({Quality.CLOCK_DOUBTFUL}),
        )
    late = received_at - measured_at > HISTORIC_AFTER
    return _When(
        measured_at=measured_at,
        clock=ClockState.FINE,
        quality=frozenset({Quality.LATE}) if late else frozenset(),
    )


def _instant(local: datetime, offset: timedelta, zone: tzinfo, received_at: datetime) -> datetime | None:
    """The instant of a wall-clock time; of the two that an autumn night has, the later one already past.

    None where it is beyond the calendar.
    """
    try:
        moment = local + offset
        first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    except OverflowError:
        return None
    return max(first, second) if max(first, second) <= received_at + FUTURE_TOLERANCE else min(first, second)


def _origin(profile: Profile, measurement: Measurement, age: timedelta) -> Origin:
    if measurement.stored is not None:
        return Origin.STORED if measurement.stored else Origin.LIVE
    return Origin.STORED if age > profile.live_within else Origin.LIVE


def _values(measurement: Measurement) -> dict[Measure, float]:
    converted: dict[Measure, float] = {}
    for measure, said in measurement.amounts.items():
        value = None if said.value is None else convert(said.value, said.unit, measure)
        if value is not None:
            converted[measure] = value
    return converted


def _plausible(profile: Profile, values: Mapping[Measure, float]) -> dict[Measure, float]:
    kept: dict[Measure, float] = {}
    for measure, value in values.items():
        spec = SPECS[measure]
        low, high = profile.plausible.get(measure, (spec.plausible_low, spec.plausible_high))
        if low <= value <= high:
            kept[measure] = value
    return kept


def _impossible(values: Mapping[Measure, float], kept: Mapping[Measure, float]) -> str | None:
    for measure in values:
        if measure in _PRINCIPAL and measure not in kept:
            return f"{measure} of {values[measure]:g} {SPECS[measure].unit} cannot be a person's"
    if not kept:
        return "no usable value"
    systolic, diastolic = kept.get(Measure.SYSTOLIC), kept.get(Measure.DIASTOLIC)
    if systolic is not None and diastolic is not None and systolic <= diastolic:
        return "systolic is not above diastolic"
    return None
