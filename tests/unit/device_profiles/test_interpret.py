"""A session's frames, and a day's advertisements, become the readings that somebody meant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from device_profiles import catalog
from device_profiles.advertisement import advertisement
from device_profiles.device_time import DeviceTime
from device_profiles.gatt import glucose, plx_continuous
from device_profiles.gatt.glucose import Glucose
from device_profiles.gatt.ieee_11073 import Number, Special
from device_profiles.gatt.plx_continuous import Pair, PlxContinuous
from device_profiles.interpret import Interpreter, Outcome
from device_profiles.normalise import NotAReading
from device_profiles.profile import Context
from device_profiles.vendor import lefu, mightysat, qn
from vitals.ids import DeviceId
from vitals.measure import Measure
from vitals.reading import ClockState, Origin, Quality, Reading

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 21, 8, 31, tzinfo=UTC)


def interpreter(name: str, context: Context | None = None) -> Interpreter:
    known = catalog.profile(name)
    assert known is not None
    return Interpreter(known, device_id=DeviceId("d-1"), zone=BERLIN, context=context)


def readings(outcomes: list[Outcome]) -> list[Reading]:
    return [outcome for outcome in outcomes if isinstance(outcome, Reading)]


def session(
    name: str, frames: list[tuple[str, str]], every: timedelta = timedelta(seconds=1)
) -> list[Reading]:
    """The readings of a session with these frames, hexadecimal, one after the other."""
    reader = interpreter(name)
    outcomes: list[Outcome] = []
    at = NOW
    for characteristic, frame in frames:
        outcomes += reader.feed(characteristic, bytes.fromhex(frame), received_at=at)
        at += every
    return readings([*outcomes, *reader.finish(received_at=at)])


def oximetry(spo2: int, pulse: int = 70, sensor: int | None = None) -> str:
    pair = Pair(spo2=Number(mantissa=spo2), pulse=Number(mantissa=pulse))
    return plx_continuous.encode(PlxContinuous(normal=pair, sensor=sensor)).hex()


NO_FINGER = plx_continuous.encode(
    PlxContinuous(normal=Pair(spo2=Number(special=Special.NAN), pulse=Number(special=Special.NAN)))
).hex()


def test_a_short_stream_is_one_reading_of_its_median() -> None:
    frames = [oximetry(spo2) for spo2 in (70, 95, 96, 97, 96, 96)]
    (reading,) = session("standard_oximeter", [("2a5f", frame) for frame in frames])
    assert reading.values == {Measure.SPO2: 96, Measure.HEART_RATE: 70}


def test_a_long_stream_is_a_reading_a_minute() -> None:
    frames = [("2a5f", oximetry(95)) for _second in range(150)]
    assert len(session("standard_oximeter", frames)) == 3


def test_a_stream_without_a_finger_is_one_failure_not_a_hundred() -> None:
    (reading,) = session("standard_oximeter", [("2a5f", NO_FINGER)] * 100)
    assert (reading.values, reading.failure) == ({}, "no SpO2 (NaN)")


def test_a_finger_that_came_late_makes_no_failure() -> None:
    frames = [("2a5f", NO_FINGER)] * 20 + [("2a5f", oximetry(94))] * 20
    (reading,) = session("standard_oximeter", frames)
    assert reading.values[Measure.SPO2] == 94


def test_a_flag_counts_where_most_of_the_stream_had_it() -> None:
    poor = 1 << 4
    mostly = [oximetry(95, sensor=poor)] * 4 + [oximetry(95)] * 2
    rarely = [oximetry(95, sensor=poor)] * 2 + [oximetry(95)] * 4
    (first,) = session("standard_oximeter", [("2a5f", frame) for frame in mostly])
    (second,) = session("standard_oximeter", [("2a5f", frame) for frame in rarely])
    assert (Quality.QUESTIONABLE in first.quality, Quality.QUESTIONABLE in second.quality) == (True, False)


def test_a_scale_without_a_final_frame_is_believed_once_three_frames_agree() -> None:
    live = ["e75801012b", "e75801085e", "e75801085f", "e75801085e", "e75801085e"]
    (reading,) = session("beurer_e7", [("ffe1", frame) for frame in live])
    assert reading.values == {Measure.WEIGHT: 107.1}


def test_frames_that_never_agree_are_no_reading() -> None:
    assert session("beurer_e7", [("ffe1", f"e7580108{step:02x}") for step in range(0, 200, 20)]) == []


def test_a_composition_in_three_parts_is_one_reading() -> None:
    parts = ["e7590301010000000000000065", "e75903026a21f4c6068701b500df02", "e759030309018d00e907170aa20108"]
    (reading,) = session("beurer_e7", [("ffe1", part) for part in parts])
    assert reading.values[Measure.WEIGHT] == 83.55
    assert reading.values[Measure.BODY_FAT] == 22.3
    assert reading.device_time == "2026-06-04T21:57:26"


def test_body_composition_takes_time_and_user_of_the_weight_before_it() -> None:
    weight, body = session(
        "beurer_bf",
        [("2a9d", "0e783eea07050c12353601ee002607"), ("2a9c", "9803c200df1a9701cc2fca21a811")],
    )
    assert (body.device_time, body.user_slot) == (weight.device_time, weight.user_slot)
    assert body.values[Measure.BODY_FAT] == 19.4


def test_a_placeholder_of_zeros_beside_an_old_weight_is_no_composition() -> None:
    (weight,) = session(
        "beurer_bf", [("2a9d", "0e205cea07070e1729200140018007"), ("2a9c", "9803000096230000000000000000")]
    )
    assert Measure.WEIGHT in weight.values


def test_two_packets_of_one_composition_are_one_reading() -> None:
    (reading,) = session("standard_scale", [("2a9c", "0010c800"), ("2a9c", "0012c8008813")])
    assert reading.values == {Measure.BODY_FAT: 20.0, Measure.IMPEDANCE: 500.0}


def test_the_first_packet_alone_is_not_lost() -> None:
    (reading,) = session("standard_scale", [("2a9c", "0010c800")])
    assert reading.values == {Measure.BODY_FAT: 20.0}


def record(sequence: int, *, context: bool) -> str:
    value = Glucose(
        sequence=sequence,
        time=glucose_time(),
        concentration=Number(mantissa=120, exponent=-5),
        sample_type=1,
        location=1,
        context_follows=context,
    )
    return glucose.encode(value).hex()


def glucose_time() -> DeviceTime:
    return DeviceTime(year=2026, month=9, day=21, hour=10, minute=15)


def test_a_ketone_is_never_kept_as_a_glucose() -> None:
    frames = [("2a18", record(4, context=True)), ("2a34", "02040006"), ("2a18", record(5, context=False))]
    (reading,) = session("caresens", frames)
    assert reading.values == {Measure.GLUCOSE: 120.0}


def test_a_glucose_waits_for_its_context_and_is_kept_without() -> None:
    frames = [("2a18", record(4, context=True)), ("2a34", "02040001"), ("2a18", record(5, context=True))]
    assert len(session("standard_glucose_meter", frames)) == 2


def test_a_session_keeps_the_last_sequence_number_for_the_next() -> None:
    reader = interpreter("standard_glucose_meter")
    for sequence in (7, 300, 12):
        reader.feed("2a18", bytes.fromhex(record(sequence, context=False)), received_at=NOW)
    assert reader.kept == {"last_sequence": (300).to_bytes(2, "little")}


def test_a_message_longer_than_a_notification_is_read() -> None:
    frame = bytes.fromhex("7711050000000000620048101400260200100e")
    reader = interpreter("masimo_mightysat")
    outcomes: list[Outcome] = []
    for second in range(4):
        at = NOW + timedelta(seconds=second)
        outcomes += reader.feed("54c21002-a720-4b4f-11e4-9fe20002a5d5", frame[:12], received_at=at)
        outcomes += reader.feed("54c21002-a720-4b4f-11e4-9fe20002a5d5", frame[12:], received_at=at)
    (reading,) = readings([*outcomes, *reader.finish(received_at=NOW)])
    assert reading.values[Measure.PERFUSION_INDEX] == 5.5


def test_a_commands_echo_is_no_reading() -> None:
    reader = interpreter("masimo_mightysat")
    assert reader.feed("54c21002-a720-4b4f-11e4-9fe20002a5d5", mightysat.GET_INFO, received_at=NOW) == []


def test_a_record_of_last_week_is_stored_and_the_weight_of_today_is_live() -> None:
    old = "b42c0401f01001121b1032361a" + "00" * 30 + "a5"
    live = "b12c030101651d030bbb09ac0a4f09790a4f09b3095a081b011601440bea091a0bb509a90a7d09480a090932"
    stored, fresh = session("qn_scale", [("ffe1", old), ("ffe1", live), ("ffe1", live)])
    assert (stored.origin, stored.values[Measure.WEIGHT]) == (Origin.STORED, 67.1)
    assert (fresh.origin, fresh.values[Measure.WEIGHT]) == (Origin.LIVE, 75.25)


def test_a_record_that_says_how_long_ago_it_was_is_dated_by_that() -> None:
    payload = (7260).to_bytes(4, "big") + (500).to_bytes(2, "big") + (7200).to_bytes(4, "big") + bytes(2)
    (reading,) = session("lefu_55aa", [("2a10", lefu.encode(0x15, payload).hex())])
    assert reading.measured_at == NOW - timedelta(hours=2)
    assert (reading.origin, reading.clock) == (Origin.STORED, ClockState.FINE)


def test_a_weight_that_settles_is_not_said_before_it_has() -> None:
    moving = qn.encode(0x10, bytes.fromhex("ff1c20" + "00" + "00000000")).hex()
    settled = qn.encode(0x10, bytes.fromhex("ff1c20" + "01" + "01f401f3")).hex()
    (reading,) = session("qn_scale", [("ffe1", moving), ("ffe1", settled)])
    assert reading.values == {Measure.WEIGHT: 72.0, Measure.IMPEDANCE: 500.0}


def heard(name: str, frames: list[str], service: str, context: Context | None = None) -> list[Reading]:
    listener = interpreter(name, context)
    outcomes: list[Outcome] = []
    for second, frame in enumerate(frames):
        seen = advertisement(service_data={service: bytes.fromhex(frame)})
        outcomes += listener.hear(seen, received_at=NOW + timedelta(seconds=second))
    return readings(outcomes)


def test_the_many_advertisements_of_one_weighing_are_one_reading() -> None:
    frames = [
        "0204e307011d1135180000a852",
        "0224e307011d11351800004c40",
        "0224e307011d113518feff4c40",
        "0226e307011d113518e5014c40",
        "02a6e307011d113518e5014c40",
    ]
    (reading,) = heard("mi_scale_2", frames, "181b")
    assert reading.values[Measure.WEIGHT] == 82.3


def test_a_second_weighing_is_a_second_reading() -> None:
    frames = ["0224e307011d11351800004c40", "0224e307011d12001800004c40"]
    assert len(heard("mi_scale_2", frames, "181b")) == 2


def test_the_same_weighing_heard_again_after_a_restart_has_the_same_id() -> None:
    (first,) = heard("mi_scale_2", ["0224e307011d11351800004c40"], "181b")
    (again,) = heard("mi_scale_2", ["0226e307011d113518e5014c40"], "181b")
    assert first.reading_id == again.reading_id


def test_an_encrypted_weighing_is_read_with_its_key() -> None:
    context = Context(
        bind_key=bytes.fromhex("58305740b64e4b425e518aa1f4e51339"), address=bytes.fromhex("84469364a5e6")
    )
    (reading,) = heard("xiaomi_s400", ["4859d53b2d3314943c58b133638c7457a4000000c3e670dc"], "fe95", context)
    assert reading.values[Measure.WEIGHT] == 74.2


def test_an_encrypted_weighing_without_its_key_is_none() -> None:
    assert heard("xiaomi_s400", ["4859d53b2d3314943c58b133638c7457a4000000c3e670dc"], "fe95") == []


@pytest.mark.parametrize(
    ("name", "characteristic", "frame"),
    [
        ("nonin_3230", "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b", "0a401e00fa0001610048"),
        ("jumper_jpd500", "cdeacb81-5235-4c07-8846-93a37ee6b86d", "8148623c"),
        ("a_and_d_scale", "2a9d", "00b036"),
    ],
)
def test_readings_of_a_profile_without_proof_are_marked(name: str, characteristic: str, frame: str) -> None:
    (reading,) = session(name, [(characteristic, frame)] * 3)
    assert Quality.EXPERIMENTAL in reading.quality


def test_an_inflating_cuff_is_no_reading() -> None:
    reader = interpreter("standard_cuff")
    (outcome,) = reader.feed("2a36", bytes.fromhex("0004000000000000"), received_at=NOW)
    assert isinstance(outcome, NotAReading)
