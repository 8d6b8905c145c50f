"""What a device said becomes a reading: units, clocks, failures and users."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles import catalog
from device_profiles.gatt import blood_pressure, weight
from device_profiles.interpret import Interpreter, Outcome
from device_profiles.measurement import Measurement
from device_profiles.normalise import NotAReading, normalise
from device_profiles.profile import Profile
from device_profiles.refusal import Refusal
from device_profiles.units import Unit, convert
from vitals.ids import DeviceId
from vitals.measure import Measure
from vitals.reading import ClockState, Origin, Quality, Reading

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 21, 8, 31, tzinfo=UTC)
DEVICE = DeviceId("cuff-1")


def profile(name: str) -> Profile:
    known = catalog.profile(name)
    assert known is not None
    return known


def outcomes(name: str, characteristic: str, frame: str, received_at: datetime = NOW) -> list[Outcome]:
    interpreter = Interpreter(profile(name), device_id=DEVICE, zone=BERLIN)
    fed = [*interpreter.feed(characteristic, bytes.fromhex(frame), received_at=received_at)]
    return [*fed, *interpreter.finish(received_at=received_at)]


def reading(name: str, characteristic: str, frame: str, received_at: datetime = NOW) -> Reading:
    (outcome,) = outcomes(name, characteristic, frame, received_at)
    assert isinstance(outcome, Reading), outcome
    return outcome


def test_a_cuffs_frame_becomes_a_reading_in_the_measures_units() -> None:
    read = reading("standard_cuff", "2a35", "1e780050005d00ea0709150a1e2d4800020100")
    assert read.values == {
        Measure.SYSTOLIC: 120,
        Measure.DIASTOLIC: 80,
        Measure.MEAN_ARTERIAL_PRESSURE: 93,
        Measure.HEART_RATE: 72,
    }
    assert read.measured_at == datetime(2026, 9, 21, 8, 30, 45, tzinfo=UTC)
    assert read.device_time == "2026-09-21T10:30:45"
    assert (read.clock, read.origin, read.user_slot) == (ClockState.FINE, Origin.LIVE, 2)
    assert read.quality == {Quality.MOTION}
    assert read.raw.hex() == "1e780050005d00ea0709150a1e2d4800020100"


def test_kilopascals_are_converted_once() -> None:
    read = reading("standard_cuff", "2a35", "01a0f06bf07cf0")
    assert read.values[Measure.SYSTOLIC] == pytest.approx(120.01, abs=0.01)
    assert read.values[Measure.DIASTOLIC] == pytest.approx(80.26, abs=0.01)


def test_a_jin_is_half_a_kilogram() -> None:
    assert convert(111.7, Unit.JIN, Measure.WEIGHT) == 55.85


@pytest.mark.parametrize(
    ("value", "unit", "measure", "converted"),
    [
        (5.5, Unit.MMOL_L, Measure.GLUCOSE, 99.0858),
        (98.6, Unit.FAHRENHEIT, Measure.TEMPERATURE, 37.0),
        (1.83, Unit.METRE, Measure.HEIGHT, 183.0),
        (72.0, Unit.INCH, Measure.HEIGHT, 182.88),
        (6879, Unit.KILOJOULE, Measure.BASAL_METABOLISM, 1644.1205),
        (34.0, Unit.PERCENT, Measure.MUSCLE_MASS, None),
    ],
)
def test_units_are_converted_once_or_not_at_all(
    value: float, unit: Unit, measure: Measure, converted: float | None
) -> None:
    assert convert(value, unit, measure) == converted


def test_an_oximeter_that_calls_its_own_value_invalid_failed_to_measure() -> None:
    read = reading("standard_oximeter", "2a5e", "02620048000080")
    assert (read.values, read.failure) == ({}, "no usable signal (invalid_measurement)")


def test_pounds_become_kilograms() -> None:
    assert reading("standard_scale", "2a9d", "019065").values[Measure.WEIGHT] == pytest.approx(117.934)


def test_a_failed_measurement_is_a_reading_without_values_that_says_so() -> None:
    read = reading("standard_cuff", "2a35", "16ff07ff07ff07e80706170e230aff070000")
    assert read.values == {}
    assert read.failure == "the cuff could not measure (NaN)"


@pytest.mark.parametrize(
    ("frame", "failure"),
    [
        ("00500078005d00", "systolic is not above diastolic"),
        ("00000000000000", "systolic of 0 mm[Hg] cannot be a person's"),
    ],
)
def test_what_cannot_be_physiology_is_a_failure_not_a_value(frame: str, failure: str) -> None:
    read = reading("standard_cuff", "2a35", frame)
    assert (read.values, read.failure) == ({}, failure)


def test_a_pulse_that_is_no_number_leaves_the_pressure_standing() -> None:
    read = reading("standard_cuff", "2a35", "04780050005d00ff07")
    assert Measure.HEART_RATE not in read.values
    assert read.failure is None


def test_the_unknown_user_is_nobody() -> None:
    assert reading("standard_cuff", "2a35", "08780050005d00ff").user_slot is None


@pytest.mark.parametrize("date", ["0000000000", "b207010100", "de070c1f17", "ea070d2000"])
def test_a_clock_that_was_never_set_gives_way_to_the_time_of_receipt(date: str) -> None:
    read = reading("standard_cuff", "2a35", f"02780050005d00{date}1e2d")
    assert read.clock == ClockState.UNSET
    assert read.measured_at == NOW
    assert Quality.CLOCK_UNSET in read.quality
    assert read.device_time is not None


def test_a_clock_six_minutes_ahead_is_doubtful_and_the_time_of_receipt_stands() -> None:
    ahead = reading("standard_cuff", "2a35", "02780050005d00ea0709150a2500")
    assert (ahead.clock, ahead.measured_at) == (ClockState.DOUBTFUL, NOW)
    assert Quality.CLOCK_DOUBTFUL in ahead.quality


def test_a_clock_four_minutes_ahead_is_fine() -> None:
    assert reading("standard_cuff", "2a35", "02780050005d00ea0709150a2300").clock == ClockState.FINE


def test_the_last_year_of_the_calendar_is_doubtful_and_raises_nothing() -> None:
    read = reading("standard_cuff", "2a35", "02780050005d000f270c1f173b3b")
    assert read.clock == ClockState.DOUBTFUL


def test_a_reading_of_three_days_ago_is_stored_and_late() -> None:
    read = reading("standard_cuff", "2a35", "02780050005d00ea0709120a1e2d")
    assert (read.origin, read.clock) == (Origin.STORED, ClockState.FINE)
    assert Quality.LATE in read.quality
    assert read.measured_at == datetime(2026, 9, 18, 8, 30, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received", "measured"),
    [("2026-10-25T00:45:00", "2026-10-25T00:30:00"), ("2026-10-25T01:45:00", "2026-10-25T01:30:00")],
)
def test_the_hour_that_comes_twice_in_autumn_is_the_one_just_past(received: str, measured: str) -> None:
    received_at = datetime.fromisoformat(received).replace(tzinfo=UTC)
    read = reading("standard_cuff", "2a35", "02780050005d00ea070a19021e00", received_at)
    assert read.measured_at == datetime.fromisoformat(measured).replace(tzinfo=UTC)


def test_a_clock_known_to_be_off_is_corrected() -> None:
    decoded = weight.decode(bytes.fromhex("02b036b2070101000000"))
    assert not isinstance(decoded, Refusal)
    read = normalise(
        profile("standard_scale"),
        decoded.measurements()[0],
        device_id=DEVICE,
        received_at=NOW,
        zone=BERLIN,
        raw=b"",
        clock_offset=datetime(2026, 9, 21, 10, 20) - datetime(1970, 1, 1),  # noqa: DTZ001  # wall clocks
    )
    assert isinstance(read, Reading)
    assert read.measured_at == datetime(2026, 9, 21, 8, 20, tzinfo=UTC)
    assert read.clock == ClockState.DOUBTFUL


def test_a_resend_after_a_lost_link_is_the_same_reading() -> None:
    frame = "1e780050005d00ea0709150a1e2d4800020100"
    first = reading("standard_cuff", "2a35", frame)
    again = reading("standard_cuff", "2a35", frame, NOW + timedelta(minutes=2))
    assert first.reading_id == again.reading_id


def test_demonstration_data_are_no_reading() -> None:
    (outcome,) = outcomes("standard_oximeter", "2a5e", "0262004800000400"[:14])
    assert isinstance(outcome, NotAReading)


def test_an_oximeter_without_a_finger_failed_to_measure() -> None:
    read = reading("standard_oximeter", "2a5e", "00ff07ff07")
    assert (read.values, read.failure) == ({}, "no SpO2 (NaN)")


def test_a_characteristic_that_the_profile_does_not_have_is_refused() -> None:
    (outcome,) = outcomes("standard_cuff", "2a9d", "00b036")
    assert isinstance(outcome, Refusal)


frames = st.binary(min_size=7, max_size=19)


@given(frames, st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))  # noqa: DTZ001
def test_no_frame_makes_the_normaliser_raise(frame: bytes, received: datetime) -> None:
    decoded = blood_pressure.decode(frame)
    measurement = Measurement() if isinstance(decoded, Refusal) else decoded.measurements()[0]
    normalise(
        profile("standard_cuff"),
        measurement,
        device_id=DEVICE,
        received_at=received.replace(tzinfo=UTC),
        zone=BERLIN,
        raw=frame,
    )
