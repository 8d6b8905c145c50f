"""The other standard characteristics: round trips, prefixes, and what their bytes mean."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.device_time import DeviceTime
from device_profiles.gatt import (
    blood_pressure_feature,
    blood_pressure_record,
    body_composition,
    body_composition_feature,
    date_of_birth,
    glucose,
    glucose_context,
    heart_rate,
    height,
    intermediate_cuff,
    plx_features,
    record_access,
    temperature,
    user_control,
    weight_feature,
)
from device_profiles.gatt.blood_pressure_feature import BloodPressureFeature
from device_profiles.gatt.blood_pressure_record import BloodPressureRecord
from device_profiles.gatt.body_composition import BodyComposition
from device_profiles.gatt.body_composition_feature import BodyCompositionFeature
from device_profiles.gatt.date_of_birth import DateOfBirth
from device_profiles.gatt.glucose import Glucose
from device_profiles.gatt.glucose_context import Dose, GlucoseContext
from device_profiles.gatt.heart_rate import HeartRate
from device_profiles.gatt.height import Height
from device_profiles.gatt.ieee_11073 import Number, Special, float32, sfloat
from device_profiles.gatt.plx_features import PlxFeatures
from device_profiles.gatt.temperature import Temperature
from device_profiles.gatt.weight_feature import WeightFeature
from device_profiles.measurement import Decoded
from device_profiles.refusal import Reason, Refusal
from device_profiles.units import Unit
from vitals.measure import Measure
from vitals.reading import Quality

octets, words, longs = st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
sfloats = words.map(sfloat)
times = st.builds(DeviceTime, year=words, month=octets, day=octets, hour=octets, minute=octets, second=octets)
trailing = st.binary(max_size=3)
quantities = ("basal_metabolism", "muscle_percentage", "muscle_mass", "fat_free_mass", "soft_lean_mass")
quantities += ("body_water_mass", "impedance", "weight", "height")


@st.composite
def compositions(draw: st.DrawFn) -> BodyComposition:
    chosen = [name for name in quantities if draw(st.booleans())]
    everything = len(chosen) == len(quantities)
    return BodyComposition(
        fat_raw=draw(words),
        imperial=draw(st.booleans()),
        time=draw(st.none() | times),
        user=draw(st.none() | octets),
        raw=tuple((name, draw(words)) for name in chosen),
        multiple_packet=not everything and draw(st.booleans()),
        trailing=draw(trailing),
    )


@st.composite
def glucoses(draw: st.DrawFn) -> Glucose:
    known = draw(st.booleans())
    return Glucose(
        sequence=draw(words),
        time=draw(times),
        offset_minutes=draw(st.none() | st.integers(-0x8000, 0x7FFF)),
        concentration=draw(sfloats) if known else None,
        molar=draw(st.booleans()),
        sample_type=draw(st.integers(0, 15)) if known else 0,
        location=draw(st.integers(0, 15)) if known else 0,
        status=draw(st.none() | words),
        context_follows=draw(st.booleans()),
        trailing=draw(trailing),
    )


doses = st.builds(Dose, kind=octets, amount=sfloats)
contexts = st.builds(
    GlucoseContext,
    sequence=words,
    extended=st.none() | octets,
    carbohydrate=st.none() | doses,
    meal=st.none() | octets,
    health=st.none() | octets,
    exercise=st.none() | st.tuples(words, octets),
    medication=st.none() | doses,
    medication_in_litres=st.booleans(),
    hba1c=st.none() | sfloats,
    trailing=trailing,
)
rates = st.one_of(
    st.builds(
        HeartRate,
        heart_rate=heart_rates,
        contact=st.sampled_from((None, True, False)),
        energy_kj=st.none() | words,
        intervals=st.lists(words, max_size=5).map(tuple),
        wide=st.just(wide),
    )
    for heart_rates, wide in ((octets, False), (words, True))
)
temperatures = st.builds(
    Temperature,
    temperature=longs.map(float32),
    fahrenheit=st.booleans(),
    time=st.none() | times,
    site=st.none() | octets,
    trailing=trailing,
)
records = st.builds(
    BloodPressureRecord,
    first=st.booleans(),
    last=st.booleans(),
    counter=st.integers(0, 63),
    sequence=words,
    inner=words,
    data=st.binary(max_size=20),
)


@given(compositions())
def test_a_body_composition_survives_the_wire(value: BodyComposition) -> None:
    assert body_composition.decode(body_composition.encode(value)) == value


@pytest.mark.parametrize(
    ("special", "status", "mg_dl"),
    [
        (Special.POSITIVE_INFINITY, None, 600.0),
        (Special.POSITIVE_INFINITY, 0x0020, 600.0),
        (Special.NAN, 0x0020, 600.0),
        (None, 0x0020, 600.0),
        (Special.NEGATIVE_INFINITY, None, 20.0),
        (Special.NAN, 0x0040, 20.0),
    ],
)
def test_a_meter_that_shows_hi_or_lo_says_at_least_the_end_of_its_range(
    special: Special | None, status: int | None, mg_dl: float
) -> None:
    concentration = None if special is None else Number(special=special)
    record = Glucose(
        sequence=1, time=DeviceTime(year=2026, month=3, day=2), concentration=concentration, status=status
    )
    (measured,) = record.measurements()
    said = measured.amounts[Measure.GLUCOSE]
    assert (said.value, said.unit, measured.failure) == (mg_dl, Unit.MG_DL, None)
    assert measured.quality == {Quality.BEYOND_RANGE}


def test_a_strip_that_could_not_be_read_is_still_a_failure() -> None:
    record = Glucose(
        sequence=1, time=DeviceTime(year=2026, month=3, day=2), concentration=Number(special=Special.NAN)
    )
    (measured,) = record.measurements()
    assert measured.failure is not None
    assert measured.amounts[Measure.GLUCOSE].value is None


@given(glucoses())
def test_a_glucose_survives_the_wire(value: Glucose) -> None:
    decoded = glucose.decode(glucose.encode(value))
    assert decoded == value
    value.fields()


@given(contexts)
def test_a_glucose_context_survives_the_wire(value: GlucoseContext) -> None:
    assert glucose_context.decode(glucose_context.encode(value)) == value


@given(rates)
def test_a_heart_rate_survives_the_wire(value: HeartRate) -> None:
    assert heart_rate.decode(heart_rate.encode(value)) == value


@given(temperatures)
def test_a_temperature_survives_the_wire(value: Temperature) -> None:
    assert temperature.decode(temperature.encode(value)) == value


@given(records)
def test_a_blood_pressure_record_survives_the_wire(value: BloodPressureRecord) -> None:
    assert blood_pressure_record.decode(blood_pressure_record.encode(value)) == value


@given(words, longs)
def test_the_feature_fields_survive_the_wire(short: int, long: int) -> None:
    cuff = BloodPressureFeature(raw=short)
    assert blood_pressure_feature.decode(blood_pressure_feature.encode(cuff)) == cuff
    scale = WeightFeature(raw=long)
    assert weight_feature.decode(weight_feature.encode(scale)) == scale
    body = BodyCompositionFeature(raw=long)
    assert body_composition_feature.decode(body_composition_feature.encode(body)) == body
    tall = Height(centimetres=short)
    assert height.decode(height.encode(tall)) == tall


@given(st.integers(0, 0xFFFF), st.none() | words, st.none() | st.integers(0, 0xFFFFFF), trailing)
def test_oximeter_features_survive_the_wire(
    raw: int, status: int | None, sensor: int | None, rest: bytes
) -> None:
    flags = raw & ~3 | (status is not None) | (sensor is not None) << 1
    value = PlxFeatures(raw=flags, status_support=status, sensor_support=sensor, trailing=rest)
    assert plx_features.decode(plx_features.encode(value)) == value


@given(words, octets, octets)
def test_a_date_of_birth_survives_the_wire(year: int, month: int, day: int) -> None:
    value = DateOfBirth(year=year, month=month, day=day)
    assert date_of_birth.decode(date_of_birth.encode(value)) == value


CONTROL = (
    (record_access, ("0101", "010301ffff", "0401", "0300", "05000f00", "06000101", "1000", "1100ffff")),
    (user_control, ("0201a80e", "01a80e", "03", "04", "0501", "200201", "20010103")),
)


@pytest.mark.parametrize(("module", "frame"), [(m, frame) for m, frames in CONTROL for frame in frames])
def test_a_control_point_frame_survives_the_wire(module: object, frame: str) -> None:
    codec = record_access if module is record_access else user_control
    decoded = codec.decode(bytes.fromhex(frame))
    assert not isinstance(decoded, Refusal)
    assert codec.encode(decoded).hex() == frame  # type: ignore[arg-type]


DECODERS: tuple[Callable[[bytes], Decoded | Refusal], ...] = (
    intermediate_cuff.decode,
    blood_pressure_feature.decode,
    blood_pressure_record.decode,
    body_composition.decode,
    body_composition_feature.decode,
    date_of_birth.decode,
    glucose.decode,
    glucose_context.decode,
    heart_rate.decode,
    height.decode,
    plx_features.decode,
    record_access.decode,
    temperature.decode,
    user_control.decode,
    weight_feature.decode,
)


@given(st.binary(max_size=40))
def test_no_bytes_make_these_codecs_raise(frame: bytes) -> None:
    for decode in DECODERS:
        decoded = decode(frame)
        if not isinstance(decoded, Refusal):
            decoded.fields()
            decoded.measurements()


@pytest.mark.parametrize(
    ("decode", "frame"),
    [
        (body_composition.decode, "ff0fc800ea0709150a1e2d01401f9001102760220020803e8813401f0807"),
        (temperature.decode, "06b00e00fedc070c050b321b04"),
        (heart_rate.decode, "1f550032002100"),
        (glucose.decode, "1f0600e407040d10260a000078b0f10100"),
        (glucose_context.decode, "ff0400000a78b006123c003205e803d5f0"),
        (plx_features.decode, "a3004010800100"),
        (intermediate_cuff.decode, "1e0400000000000000041114293b3c00012700"),
        (weight_feature.decode, "8f000000"),
        (user_control.decode, "0201a80e"),
    ],
)
def test_every_proper_prefix_of_these_full_frames_is_refused(
    decode: Callable[[bytes], Decoded | Refusal], frame: str
) -> None:
    whole = bytes.fromhex(frame)
    assert not isinstance(decode(whole), Refusal)
    for length in range(len(whole)):
        refusal = decode(whole[:length])
        assert isinstance(refusal, Refusal), f"accepted {length} of {len(whole)} bytes"
        assert refusal.reason == Reason.TRUNCATED


def test_a_second_packet_cannot_be_announced_where_nothing_is_left_for_it() -> None:
    frame = bytes.fromhex("ff1fc800ea0709150a1e2d01401f9001102760220020803e8813401f0807")
    assert isinstance(body_composition.decode(frame), Refusal)


def test_half_an_interval_between_beats_is_refused() -> None:
    assert isinstance(heart_rate.decode(bytes.fromhex("105a00080010")[:5]), Refusal)


@pytest.mark.parametrize("sample", ["fa", "0a"])
def test_control_solution_is_no_glucose_of_a_person(sample: str) -> None:
    decoded = glucose.decode(bytes.fromhex("020800ea0709150a1e2d63b0" + sample))
    assert isinstance(decoded, Glucose)
    assert decoded.measurements()[0].withheld is not None


def test_mmol_are_shown_exactly() -> None:
    decoded = glucose.decode(bytes.fromhex("060700ea0709150a1e2d37c011"))
    assert isinstance(decoded, Glucose)
    assert decoded.fields()["glucose"] == {"value": 5.5, "unit": "mmol/L"}
