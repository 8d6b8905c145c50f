"""Readings are stored once, with everything that follows from them, or not at all."""

from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pytest

from store import observations, readings
from store.connection import Connection, connect, listen, transaction
from store.errors import DataRefused
from store.readings import AdmittedReading
from tests.harness.small_ward import ANNA, BERT, CUFF, HOME, WARD
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality, Reading

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SEQ = count(1)


def admitted(
    name: str,
    *,
    patient_id: PatientId | None = ANNA,
    at: datetime = NOON,
    values: dict[Measure, float] | None = None,
    failure: str | None = None,
    device_id: DeviceId = CUFF,
    seq: int | None = None,
) -> AdmittedReading:
    said = {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0} if values is None else values
    return AdmittedReading(
        reading=Reading(
            reading_id=ReadingId(name),
            device_id=device_id,
            profile="ble_blood_pressure",
            measured_at=at,
            received_at=at + timedelta(seconds=5),
            user_slot=1,
            values={} if failure else said,
            quality=frozenset({Quality.MOTION, Quality.LATE}),
            failure=failure,
            raw=b"\x16\x80",
        ),
        patient_id=patient_id,
        gateway_id=HOME,
        outbox_epoch="e1",
        outbox_seq=next(_SEQ) if seq is None else seq,
    )


def stored(connection: Connection, *some: AdmittedReading, now: datetime = NOON) -> set[ReadingId]:
    with transaction(connection):
        return readings.store(connection, some, now=now)


def counted(connection: Connection) -> tuple[int, int, int]:
    row = connection.execute(
        "SELECT (SELECT count(*) FROM readings), (SELECT count(*) FROM observations),"
        " (SELECT count(*) FROM evaluations_due)"
    ).fetchone()
    assert row is not None
    return row


def test_a_reading_becomes_one_observation_per_measure_with_its_times_and_flags(
    connection: Connection,
) -> None:
    assert stored(connection, admitted("r1")) == {"r1"}
    history = observations.history(connection, ANNA, since=NOON)
    assert [(o.measure, o.value) for o in history] == [
        (Measure.DIASTOLIC, 79.0),
        (Measure.SYSTOLIC, 128.0),
    ]
    assert {o.measured_at for o in history} == {NOON}
    assert {o.received_at for o in history} == {NOON + timedelta(seconds=5)}
    assert {o.quality for o in history} == {frozenset({Quality.MOTION, Quality.LATE})}
    assert {o.standing for o in history} == {Standing.ACCEPTED}


def test_the_patient_is_due_from_the_earliest_new_reading_on(connection: Connection) -> None:
    earlier = NOON - timedelta(days=2)
    stored(connection, admitted("r1"), admitted("r2", patient_id=BERT))
    stored(connection, admitted("r3", at=earlier), now=NOON + timedelta(minutes=1))
    stored(connection, admitted("r4", at=NOON + timedelta(hours=1)), now=NOON + timedelta(minutes=2))
    rows = connection.execute(
        "SELECT patient_id, due_since, earliest_at, reading_id FROM evaluations_due ORDER BY 1"
    ).fetchall()
    assert rows == [(ANNA, NOON, earlier, "r4"), (BERT, NOON, NOON, "r2")]


def test_a_replay_changes_nothing_and_makes_nothing_due(connection: Connection) -> None:
    stored(connection, admitted("r1"))
    connection.execute("DELETE FROM evaluations_due")
    changed = admitted("r1", values={Measure.SYSTOLIC: 200.0}, at=NOON + timedelta(hours=1))
    assert stored(connection, changed) == set()
    assert counted(connection) == (1, 2, 0)
    assert stored(connection, admitted("r1"), admitted("r2")) == {"r2"}
    assert counted(connection) == (2, 4, 1)


def test_the_same_reading_twice_in_one_batch_is_stored_once(connection: Connection) -> None:
    assert stored(connection, admitted("r1"), admitted("r1")) == {"r1"}
    assert counted(connection) == (1, 2, 1)


def test_two_batches_in_one_transaction_are_both_stored(connection: Connection) -> None:
    with transaction(connection):
        assert readings.store(connection, [admitted("r1")], now=NOON) == {"r1"}
        assert readings.store(connection, [admitted("r2")], now=NOON) == {"r2"}
    assert counted(connection) == (2, 4, 1)


def test_a_failed_measurement_is_kept_and_seen_without_observations(connection: Connection) -> None:
    stored(connection, admitted("r1", failure="cuff too loose"))
    assert observations.history(connection, ANNA, since=NOON) == []
    (kept,) = readings.of_patient(connection, ANNA, since=NOON)
    assert (kept.reading_id, kept.failure) == ("r1", "cuff too loose")
    assert kept.quality == {Quality.MOTION, Quality.LATE}


def test_a_reading_of_nobody_is_kept_without_observations(connection: Connection) -> None:
    assert stored(connection, admitted("r1", patient_id=None)) == {"r1"}
    assert counted(connection) == (1, 0, 0)


def test_one_bad_reading_spoils_the_transaction_and_the_next_one_works(connection: Connection) -> None:
    with pytest.raises(DataRefused):
        stored(connection, admitted("good"), admitted("bad", device_id=DeviceId("no-such-device")))
    assert counted(connection) == (0, 0, 0)
    assert stored(connection, admitted("good")) == {"good"}


def test_an_outbox_number_that_comes_back_with_another_reading_is_refused_not_swallowed(
    connection: Connection,
) -> None:
    stored(connection, admitted("r1", seq=900_001))
    with pytest.raises(DataRefused) as refused:
        stored(connection, admitted("r2", seq=900_001))
    assert refused.value.constraint == "readings_by_outbox"


def test_the_worker_and_the_screens_are_told_when_it_is_committed(
    connection: Connection, database_url: str
) -> None:
    with connect(database_url, application="other") as other:
        heard = listen(other, "evaluations_due", "ward_changed", tick=timedelta(milliseconds=50))
        next(heard)
        with transaction(connection):
            readings.store(connection, [admitted("r1"), admitted("r2", patient_id=BERT)], now=NOON)
            assert next(heard) == ()
        told = {(n.channel, n.payload) for _ in range(10) for n in next(heard)}
    assert told == {
        ("evaluations_due", ""),
        ("ward_changed", f"observation::{ANNA}:{WARD}"),
        ("ward_changed", f"observation::{BERT}:{WARD}"),
    }


def test_known_tells_which_device_said_it(connection: Connection) -> None:
    stored(connection, admitted("r1"))
    assert readings.known(connection, [ReadingId("r1"), ReadingId("r2")]) == {"r1": CUFF}


def test_history_is_one_patients_within_the_time_and_the_measures_asked_for(connection: Connection) -> None:
    hours = [NOON + timedelta(hours=hour) for hour in range(4)]
    stored(connection, *(admitted(f"r{hour.hour}", at=hour) for hour in reversed(hours)))
    stored(connection, admitted("other", patient_id=BERT))
    history = observations.history(
        connection, ANNA, since=hours[1], until=hours[3], measures=[Measure.SYSTOLIC]
    )
    assert [o.measured_at for o in history] == hours[1:3]


def test_what_is_held_or_excluded_is_seen_only_by_who_asks(connection: Connection) -> None:
    stored(connection, admitted("r1"), admitted("r2", at=NOON + timedelta(hours=1)))
    connection.execute("UPDATE observations SET standing = 'held' WHERE reading_id = 'r2'")
    assert {o.reading_id for o in observations.history(connection, ANNA, since=NOON)} == {"r1"}
    assert {o.reading_id for o in observations.latest(connection, [ANNA])} == {"r1"}
    everything = observations.history(connection, ANNA, since=NOON, standings=tuple(Standing))
    assert {o.reading_id for o in everything} == {"r1", "r2"}


def test_columns_are_sorted_arrays_in_utc(connection: Connection) -> None:
    later = NOON + timedelta(hours=1)
    stored(
        connection,
        admitted("b", patient_id=BERT),
        admitted("a2", at=later, values={Measure.WEIGHT: 81.5}),
        admitted("a1", values={Measure.WEIGHT: 81.0}),
    )
    got = observations.columns(
        connection, since=NOON, until=later + timedelta(hours=1), measures=[Measure.WEIGHT, Measure.SYSTOLIC]
    )
    assert list(got.patient_id) == [ANNA, ANNA, BERT]
    assert list(got.reading_id) == ["a1", "a2", "b"]
    assert got.value.tolist() == [81.0, 81.5, 128.0]
    assert got.measured_at[0] == np.datetime64("2026-03-01T12:00:00")
    assert got.received_at[0] - got.measured_at[0] == np.timedelta64(5, "s")
    assert got.quality[0] == {Quality.MOTION, Quality.LATE}
    only_bert = observations.columns(connection, since=NOON, until=later, patient_ids=[BERT])
    assert set(only_bert.patient_id) == {BERT}
    assert len(observations.columns(connection, since=later, until=later)) == 0
