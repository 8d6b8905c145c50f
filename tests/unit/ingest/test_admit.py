"""The verdict on one reading: who, whose, what and when are each checked, and every refusal says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.admit import AlreadyStored, Decided, admit
from ingest.rejection import Reason, Rejection
from store.readings import AdmittedReading
from tests.unit.ingest.said import (
    ANNA,
    BERT,
    CLOSED_HOME,
    CUFF,
    ELSEWHERE,
    ENROLLED,
    HOME,
    NOON,
    OTHER_HOME,
    SCALE,
    Fields,
    cuff_reading,
    hub,
    unpacked,
    verdict,
)
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.measure import SPECS, Measure
from vitals.observation import Standing
from vitals.reading import ClockState, Origin, Quality


def admitted(fields: Fields | None = None, **changed: object) -> AdmittedReading:
    found = verdict(fields, **changed)  # type: ignore[arg-type]
    assert isinstance(found, AdmittedReading), found
    return found


def reason(fields: Fields | None = None, **changed: object) -> Reason:
    found = verdict(fields, **changed)  # type: ignore[arg-type]
    assert isinstance(found, Rejection), found
    assert found.detail.endswith("."), "the detail is a sentence that says what to do"
    return found.reason


def test_a_good_reading_is_the_patients_with_everything_that_the_device_said() -> None:
    one = admitted({"quality": ["motion"], "origin": "stored", "clock": "fine"})
    assert (one.patient_id, one.gateway_id, one.outbox_epoch, one.outbox_seq) == (ANNA, HOME, "e1", 1)
    assert one.reading.values == {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0}
    assert one.reading.quality == {Quality.MOTION}
    assert (one.reading.origin, one.reading.clock) == (Origin.STORED, ClockState.FINE)
    assert one.reading.raw == b"\x16\x80"
    assert (one.reading.measured_at, one.reading.received_at) == (NOON, NOON)


def test_a_device_that_no_recording_proves_is_held_until_a_nurse_confirms_it() -> None:
    assert admitted({"quality": ["experimental"]}).standing is Standing.HELD
    assert admitted({"quality": ["motion"]}).standing is Standing.ACCEPTED


def test_a_gateway_speaks_for_itself_only() -> None:
    assert reason(sender=OTHER_HOME, gateway=HOME) is Reason.FOREIGN_GATEWAY
    assert reason(sender=GatewayId("gw-9")) is Reason.UNKNOWN_GATEWAY
    assert reason(sender=CLOSED_HOME) is Reason.INACTIVE_GATEWAY


def test_a_device_speaks_through_its_own_gateway_only() -> None:
    assert reason({"device": "stranger"}) is Reason.UNKNOWN_DEVICE
    assert reason({"device": ELSEWHERE}) is Reason.FOREIGN_DEVICE
    assert reason(sender=OTHER_HOME) is Reason.FOREIGN_DEVICE


@pytest.mark.parametrize(
    ("device", "slot", "measured_at", "whose"),
    [
        (CUFF, 1, NOON, ANNA),
        (CUFF, 2, NOON - timedelta(microseconds=1), BERT),
        (CUFF, 2, NOON, None),
        (CUFF, 3, NOON, None),
        (CUFF, None, NOON, None),
        (CUFF, 1, ENROLLED, ANNA),
        (CUFF, 1, ENROLLED - timedelta(microseconds=1), None),
        (SCALE, None, NOON, ANNA),
        (SCALE, 2, NOON, ANNA),
    ],
)
def test_a_reading_is_whose_the_slot_was_when_it_was_measured(
    device: DeviceId, slot: int | None, measured_at: datetime, whose: PatientId | None
) -> None:
    fields: Fields = {"device": device, "user_slot": slot, "measured_at": measured_at}
    if whose is None:
        assert reason(fields) is Reason.UNASSIGNED
    else:
        assert admitted(fields).patient_id == whose


def test_an_unassigned_reading_that_failed_is_kept_without_a_patient() -> None:
    one = admitted({"user_slot": 9, "failure": "no pulse", "values": {}})
    assert (one.patient_id, one.reading.failure) == (None, "no pulse")


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"values": {"blood_alcohol": 0.5}}, Reason.UNKNOWN_WORD),
        ({"quality": ["smudged"]}, Reason.UNKNOWN_WORD),
        ({"clock": "sundial"}, Reason.UNKNOWN_WORD),
        ({"origin": "hearsay"}, Reason.UNKNOWN_WORD),
        ({"raw": "zz"}, Reason.UNDECODABLE),
        ({"values": {}}, Reason.EMPTY),
        ({"failure": "no pulse"}, Reason.CONTRADICTORY),
        ({"values": {"systolic": 301.0, "diastolic": 79.0}}, Reason.IMPLAUSIBLE),
        ({"values": {"systolic": 88.0, "diastolic": 79.0}}, Reason.IMPLAUSIBLE),
        ({"values": {"systolic": 79.0, "diastolic": 128.0}}, Reason.IMPLAUSIBLE),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(fields: Fields, why: Reason) -> None:
    assert reason(fields) is why


def test_a_pulse_pressure_of_ten_is_plausible() -> None:
    assert admitted({"values": {"systolic": 89.0, "diastolic": 79.0}}).patient_id == ANNA


@given(st.sampled_from(list(Measure)), st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_value_is_admitted_exactly_within_the_plausible_range(measure: Measure, value: float) -> None:
    found = verdict({"values": {measure.value: value}})
    inside = SPECS[measure].plausible_low <= value <= SPECS[measure].plausible_high
    assert isinstance(found, AdmittedReading) is inside
    assert inside or (isinstance(found, Rejection) and found.reason is Reason.IMPLAUSIBLE)


def test_what_is_stored_already_is_acknowledged_whatever_has_changed_since() -> None:
    known = hub({ReadingId("r1"): CUFF})
    changed: Fields = {"user_slot": 9, "values": {"systolic": 900.0}}
    assert verdict(changed, known=known) == AlreadyStored(reading_id=ReadingId("r1"))


def test_an_id_that_another_device_used_is_refused_not_taken_for_a_replay() -> None:
    assert reason(known=hub({ReadingId("r1"): SCALE})) is Reason.ID_TAKEN


@pytest.mark.parametrize(
    ("late_by", "late"), [(timedelta(hours=24), False), (timedelta(hours=24, seconds=1), True)]
)
def test_what_comes_more_than_a_day_late_says_so(late_by: timedelta, late: bool) -> None:
    one = admitted(arrived_at=NOON + late_by)
    assert (Quality.LATE in one.reading.quality) is late
    assert one.reading.measured_at == NOON


@pytest.mark.parametrize(
    ("ahead", "doubtful"), [(timedelta(minutes=5), False), (timedelta(minutes=5, seconds=1), True)]
)
def test_a_device_in_the_future_is_given_the_time_of_receipt(ahead: timedelta, doubtful: bool) -> None:
    one = admitted({"measured_at": NOON + ahead}).reading
    assert one.measured_at == (NOON if doubtful else NOON + ahead)
    assert (Quality.CLOCK_DOUBTFUL in one.quality) is doubtful
    assert one.clock is (ClockState.DOUBTFUL if doubtful else ClockState.FINE)


def test_a_device_whose_clock_was_never_set_is_given_the_time_of_receipt() -> None:
    one = admitted({"measured_at": datetime(2000, 1, 1, tzinfo=UTC)}).reading
    assert (one.measured_at, one.clock) == (NOON, ClockState.UNSET)
    assert one.quality == {Quality.CLOCK_UNSET}


def test_the_backlog_of_a_gateway_whose_clock_is_ahead_keeps_its_order() -> None:
    ahead = timedelta(days=300)
    measured_at = NOON + ahead - timedelta(hours=3)
    one = admitted(
        {"measured_at": measured_at, "received_at": measured_at + timedelta(minutes=1)},
        sent_at=NOON + ahead,
        arrived_at=NOON,
    ).reading
    assert one.measured_at == NOON - timedelta(hours=3)
    assert one.received_at - one.measured_at == timedelta(minutes=1)
    assert one.quality == {Quality.CLOCK_DOUBTFUL}


def test_times_are_kept_in_utc() -> None:
    there = timezone(timedelta(hours=-5))
    one = admitted({"measured_at": NOON.astimezone(there)}).reading
    assert one.measured_at == NOON
    assert one.measured_at.utcoffset() == timedelta(0)


WHENEVER = st.datetimes(timezones=st.timezones())


FIRST = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
LAST = datetime.max.replace(tzinfo=timezone(timedelta(hours=-12)))


@given(measured_at=WHENEVER, received_at=WHENEVER, sent_at=WHENEVER)
@example(measured_at=FIRST, received_at=FIRST, sent_at=FIRST)
@example(measured_at=LAST, received_at=LAST, sent_at=LAST)
@example(measured_at=FIRST, received_at=NOON, sent_at=LAST)
def test_whatever_the_clocks_say_no_time_is_in_the_future_and_none_is_lost(
    measured_at: datetime, received_at: datetime, sent_at: datetime
) -> None:
    message = unpacked(
        msgspec.structs.replace(cuff_reading({"device": SCALE}), values={"weight": 80.0}), sent_at=NOON
    )
    part = message.parts[0]
    assert part.reading is not None
    said = msgspec.structs.replace(part.reading, measured_at=measured_at, received_at=received_at)
    found = admit(
        replace(part, reading=said),
        replace(message, sent_at=sent_at),
        HOME,
        hub(),
        arrived_at=NOON,
    )
    if isinstance(found, Rejection):
        assert found.reason is Reason.UNASSIGNED  # it was measured before the device was anybody's
        return
    assert isinstance(found, AdmittedReading)
    reading = found.reading
    tolerance = timedelta(minutes=5)
    assert reading.received_at <= NOON + tolerance
    assert reading.measured_at <= reading.received_at + tolerance
    changed = (reading.measured_at, reading.received_at) != (measured_at, received_at)
    flagged = reading.quality & {Quality.CLOCK_DOUBTFUL, Quality.CLOCK_UNSET}
    assert bool(flagged) is changed


@pytest.mark.parametrize(
    "fields",
    [
        {"values": {"systolic": 301.0, "diastolic": 79.0}},
        {"device": ELSEWHERE},
        {"user_slot": 9},
    ],
)
def test_a_person_may_answer_for_values_bond_and_whose_it_is(fields: Fields) -> None:
    one = unpacked(cuff_reading(fields))
    found = admit(one.parts[0], one, HOME, hub(), arrived_at=NOON, decided=Decided(patient_id=BERT))
    assert isinstance(found, AdmittedReading)
    assert found.patient_id == BERT


def test_a_person_cannot_answer_for_a_device_that_does_not_exist_or_a_word_nobody_knows() -> None:
    for fields in ({"device": "stranger"}, {"quality": ["smudged"]}, {"values": {}}):
        one = unpacked(cuff_reading(fields))  # type: ignore[arg-type]
        found = admit(one.parts[0], one, HOME, hub(), arrived_at=NOON, decided=Decided(patient_id=BERT))
        assert isinstance(found, Rejection)
