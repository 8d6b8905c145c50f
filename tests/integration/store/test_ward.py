"""Patients, gateways, devices, assignments, pauses and heartbeats, as rows."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import psycopg
import pytest

from store import devices, gateways, heartbeats, histories, patients, pauses
from store.connection import Connection, transaction
from store.devices import DeviceSaid
from store.errors import DataRefused
from store.gateways import GatewaySaid
from store.pauses import PauseEvent
from tests.harness.small_ward import (
    ANNA,
    BERT,
    CUFF,
    ENROLLED,
    HOME,
    OTHER_HOME,
    SCALE,
    WARD,
    assign,
    patient,
)
from vitals.ids import DeviceId, PatientId
from vitals.patient import Patient, Programme

TODAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_patient_comes_back_as_they_were_added(connection: Connection) -> None:
    kept = patients.get(connection, ANNA, on=TODAY)
    assert kept == patient(ANNA, "Anna", "Ashdown", Programme.HEART_FAILURE, Programme.HYPERTENSION)
    assert patients.get(connection, PatientId("nobody"), on=TODAY) is None


def test_programmes_are_those_of_the_day(connection: Connection) -> None:
    patients.leave(connection, ANNA, Programme.HYPERTENSION, ends_on=TODAY)
    on_the_day = patients.get(connection, ANNA, on=TODAY)
    after = patients.get(connection, ANNA, on=TODAY + timedelta(days=1))
    before = patients.get(connection, ANNA, on=ENROLLED.date() - timedelta(days=1))
    assert isinstance(on_the_day, Patient)
    assert on_the_day.programmes == (Programme.HEART_FAILURE, Programme.HYPERTENSION)
    assert after is not None
    assert after.programmes == (Programme.HEART_FAILURE,)
    assert before is not None
    assert before.programmes == ()


def test_the_discharged_are_listed_only_when_asked_for(connection: Connection) -> None:
    assert [p.patient_id for p in patients.listed(connection, on=TODAY, ward_id=WARD)] == [ANNA, BERT]
    assert patients.discharge(connection, ANNA, at=NOON)
    assert not patients.discharge(connection, ANNA, at=NOON)
    assert [p.patient_id for p in patients.listed(connection, on=TODAY)] == [BERT]
    everyone = patients.listed(connection, on=TODAY, with_discharged=True)
    assert [p.patient_id for p in everyone] == [ANNA, BERT]
    assert patients.listed(connection, on=TODAY, ward_id="another") == []


def test_a_record_number_belongs_to_one_patient(connection: Connection) -> None:
    with pytest.raises(DataRefused) as refused, transaction(connection):
        patients.add(connection, patient(ANNA, "Anna", "Again"), enrolled_at=NOON)
    assert refused.value.constraint in {"patients_pkey", "patients_record_number_key"}


def test_one_device_slot_belongs_to_one_patient_at_a_time(connection: Connection) -> None:
    with pytest.raises(DataRefused), transaction(connection):
        assign(connection, CUFF, BERT, user_slot=1)
    with transaction(connection):
        assert devices.end_assignment(connection, CUFF, 1, ends_at=NOON)
        assign(connection, CUFF, BERT, user_slot=1, starts_at=NOON)
    assert not devices.end_assignment(connection, CUFF, 7, ends_at=NOON)


@pytest.mark.parametrize(
    ("slot", "at", "whose"),
    [
        (1, NOON - timedelta(microseconds=1), ANNA),
        (1, NOON, BERT),
        (2, NOON, BERT),
        (3, NOON, None),
        (None, NOON, None),
        (1, ENROLLED, ANNA),
        (1, ENROLLED - timedelta(microseconds=1), None),
    ],
)
def test_an_assignment_holds_from_its_first_instant_until_before_its_last(
    connection: Connection, slot: int | None, at: datetime, whose: PatientId | None
) -> None:
    with transaction(connection):
        devices.end_assignment(connection, CUFF, 1, ends_at=NOON)
        assign(connection, CUFF, BERT, user_slot=1, starts_at=NOON)
    assigned = devices.assignments(connection, device_ids=[CUFF])
    assert devices.assigned_patient(assigned, CUFF, slot, at) == whose


def test_a_whole_device_counts_for_every_slot_that_is_not_assigned_by_itself(connection: Connection) -> None:
    with transaction(connection):
        assign(connection, SCALE, BERT, user_slot=4)
    assigned = devices.assignments(connection)
    whose = [devices.assigned_patient(assigned, SCALE, slot, NOON) for slot in (None, 1, 4)]
    assert whose == [ANNA, ANNA, BERT]


def test_a_patients_devices_are_those_assigned_at_the_instant(connection: Connection) -> None:
    devices.end_assignment(connection, SCALE, None, ends_at=NOON)
    before = devices.of_patient(connection, ANNA, at=NOON - HOUR)
    assert [d.device_id for d in before] == [CUFF, SCALE]
    assert [d.device_id for d in devices.of_patient(connection, ANNA, at=NOON)] == [CUFF]


def test_what_a_gateway_says_of_its_devices_is_kept_and_never_goes_back_in_time(
    connection: Connection,
) -> None:
    said = DeviceSaid(
        device_id=CUFF,
        gateway_id=HOME,
        last_seen_at=NOON,
        battery_percent=40,
        clock_offset_s=-3.5,
        needs_pairing=True,
    )
    assert devices.note(connection, said, now=NOON)
    older = DeviceSaid(device_id=CUFF, gateway_id=HOME, last_seen_at=NOON - HOUR)
    assert devices.note(connection, older, now=NOON)
    cuff = devices.listed(connection, gateway_id=HOME)[0]
    assert (cuff.last_seen_at, cuff.battery_percent, cuff.clock_offset_s) == (NOON, 40, -3.5)
    assert not cuff.needs_pairing
    ahead = DeviceSaid(device_id=CUFF, gateway_id=HOME, last_seen_at=NOON + timedelta(days=900))
    devices.note(connection, ahead, now=NOON + HOUR)
    assert devices.listed(connection)[0].last_seen_at == NOON + HOUR


def test_a_gateway_cannot_speak_for_another_gateways_device(connection: Connection) -> None:
    assert not devices.note(
        connection, DeviceSaid(device_id=CUFF, gateway_id=OTHER_HOME, battery_percent=1), now=NOON
    )
    assert not devices.note(connection, DeviceSaid(device_id=DeviceId("unknown"), gateway_id=HOME), now=NOON)
    assert devices.move(connection, CUFF, OTHER_HOME, at=NOON)
    assert devices.note(
        connection, DeviceSaid(device_id=CUFF, gateway_id=OTHER_HOME, battery_percent=1), now=NOON
    )


def test_a_device_that_moves_is_to_be_heard_from_its_new_gateway_from_then_on(connection: Connection) -> None:
    devices.move(connection, CUFF, OTHER_HOME, at=NOON - HOUR)
    rows = histories.equipment(connection, [ANNA, BERT], now=NOON)
    assert {row.expected_from for row in rows if row.device_id == CUFF} == {NOON - HOUR}
    assert all(row.expected_from < NOON - HOUR for row in rows if row.device_id != CUFF)


def test_a_last_will_sets_the_time_of_the_silence_once(connection: Connection) -> None:
    up = GatewaySaid(gateway_id=HOME, online=True, said_at=NOON, outbox_waiting=3, outbox_quarantined=1)
    will = GatewaySaid(gateway_id=HOME, online=False)
    assert gateways.note(connection, up, now=NOON)
    assert gateways.note(connection, will, now=NOON + HOUR)
    assert gateways.note(connection, will, now=NOON + 2 * HOUR)  # retained: it comes again when we restart
    home = gateways.listed(connection)[0]
    assert (home.online, home.status_at) == (False, NOON + HOUR)
    assert (home.outbox_waiting, home.outbox_quarantined) == (3, 1)


def test_an_unknown_or_inactive_gateway_is_not_noted(connection: Connection) -> None:
    assert not gateways.note(connection, GatewaySaid(gateway_id="gw-9", online=True), now=NOON)
    assert gateways.set_active(connection, HOME, active=False)
    assert not gateways.note(connection, GatewaySaid(gateway_id=HOME, online=True), now=NOON)


def test_pauses_touch_a_time_and_can_end_early(connection: Connection) -> None:
    pause = pauses.add(
        connection, ANNA, reason="holiday", author="s-1", starts_at=NOON, ends_at=NOON + 10 * HOUR
    )
    of = pauses.of_patients
    assert [p.pause_id for p in of(connection, [ANNA, BERT], since=NOON + 9 * HOUR)] == [pause]
    assert of(connection, [ANNA], since=NOON + 10 * HOUR) == []
    assert of(connection, [ANNA], since=NOON - HOUR, until=NOON) == []
    end = partial(pauses.change, connection, pause, PauseEvent.ENDED, author="s-2")
    assert end(at=NOON + HOUR)
    assert not end(at=NOON + 2 * HOUR)
    assert of(connection, [ANNA], since=NOON + 9 * HOUR) == []


def test_a_pause_that_was_taken_back_touches_nothing_until_it_is_resumed(connection: Connection) -> None:
    until = NOON + 10 * HOUR
    pause = pauses.add(connection, ANNA, reason="", author="s-1", starts_at=NOON, ends_at=until)
    assert pauses.change(connection, pause, PauseEvent.TAKEN_BACK, author="s-2", at=NOON + HOUR, reason="no")
    assert pauses.of_patients(connection, [ANNA], since=NOON) == []
    assert not pauses.change(connection, pause, PauseEvent.TAKEN_BACK, author="s-2", at=NOON + HOUR)
    assert pauses.change(connection, pause, PauseEvent.RESUMED, author="s-1", at=NOON + 2 * HOUR)
    assert [p.ends_at for p in pauses.of_patients(connection, [ANNA], since=NOON)] == [until]
    (record,) = pauses.listed(connection, ANNA)
    assert (record.author, record.last_what, record.last_author) == ("s-1", "resumed", "s-1")
    said = connection.execute("SELECT what, author, reason FROM pause_events ORDER BY event_id").fetchall()
    assert said == [("taken_back", "s-2", "no"), ("resumed", "s-1", "")]
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"), transaction(connection):
        connection.execute("DELETE FROM pause_events")


def test_a_pause_that_ends_before_it_starts_is_refused(connection: Connection) -> None:
    with pytest.raises(DataRefused), transaction(connection):
        pauses.add(connection, ANNA, reason="holiday", author="s-1", starts_at=NOON, ends_at=NOON)


def test_a_heartbeat_has_an_age_by_the_databases_clock(connection: Connection) -> None:
    heartbeats.beat(connection, "ingest", detail="broker connected")
    heartbeats.beat(connection, "alerts")
    connection.execute("UPDATE heartbeats SET beat_at = beat_at - interval '1 h' WHERE process = 'alerts'")
    alerts, ingest = heartbeats.every(connection)
    assert alerts.age >= HOUR
    assert ingest.age < timedelta(seconds=10)
    heartbeats.beat(connection, "alerts")
    assert heartbeats.every(connection)[0].age < timedelta(seconds=10)
