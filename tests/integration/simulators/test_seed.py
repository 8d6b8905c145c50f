"""The seeded ward on a real database: worth looking at, and every word in it true."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from alerts.book import texts
from alerts.worker import evaluate_patients
from ingest.review import said
from simulators.people import load_people, load_staff
from simulators.seed import DEMO_EMAIL, DEMO_PASSWORD, SEED, SeedReport, seed
from simulators.ward import load_ward
from store import alerts as stored
from store import devices, gateways, observations, patients, quarantine, readings
from store.connection import Connection, connect
from store.staff import staff_with_password
from tests.harness.database import Server
from vitals.alert import Alert, EventKind, Priority
from vitals.alert_event import SYSTEM, AlertEvent, Called, EvidenceAdded, PriorityRaised, Raised
from vitals.measure import SPECS

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
NIGHT = datetime(2026, 3, 29, 2, 10, tzinfo=UTC)  # just after the clocks have changed
WARD = load_ward()
IDS = [person.patient_id for person in load_people()]

Ward = tuple[Connection, SeedReport]


@pytest.fixture(scope="module")
def ward(database_server: Server) -> Iterator[Ward]:
    with database_server.fresh() as url, connect(url, application="test") as connection:
        yield connection, seed(connection, WARD, now=NOW, seed=SEED)


def every_alert(connection: Connection) -> list[Alert]:
    return [alert for patient_id in IDS for alert in stored.of_patient(connection, patient_id)]


def open_alerts(connection: Connection) -> list[Alert]:
    return stored.open_alerts(connection, WARD.ward_id)


def history(connection: Connection, alert: Alert) -> list[AlertEvent]:
    return stored.events(connection, alert.alert_id)


def test_forty_patients_have_sixty_days_of_readings(ward: Ward) -> None:
    connection, report = ward
    assert report.patients == len(patients.listed(connection, on=NOW.date())) == 40
    assert report.readings > 5000
    newest = observations.latest(connection, IDS)
    assert {one.patient_id for one in newest} == set(IDS)
    assert all(NOW - timedelta(days=8) < one.measured_at < NOW for one in newest)


def test_the_demo_nurse_can_sign_in(ward: Ward) -> None:
    nurse = staff_with_password(ward[0], DEMO_EMAIL, DEMO_PASSWORD)
    assert nurse is not None
    assert nurse.name == "Sara Lind"


def test_alerts_of_every_priority_are_open_some_in_hand_and_one_overdue(ward: Ward) -> None:
    alerts = open_alerts(ward[0])
    priorities = Counter(alert.priority for alert in alerts)
    assert 8 <= len(alerts) <= 16
    assert set(priorities) == set(Priority)
    assert priorities[Priority.HIGH] <= 3
    assert 3 <= sum(alert.owner is not None for alert in alerts) < len(alerts)
    overdue = [a for a in alerts if a.acknowledged_at is None and a.due_at < NOW]
    assert len(overdue) == 1
    ages = sorted(NOW - alert.raised_at for alert in alerts)
    assert ages[0] < timedelta(hours=3)
    assert ages[-1] > timedelta(days=2)


def test_closed_alerts_were_dealt_with_by_named_nurses_in_order_and_never_in_the_future(ward: Ward) -> None:
    connection, report = ward
    closed = [alert for alert in every_alert(connection) if alert.closed_at is not None]
    assert len(closed) == report.closed_alerts >= 10
    assert len({alert.outcome for alert in closed}) >= 3
    team = {member.staff_id for member in load_staff()}
    for alert in every_alert(connection):
        events = history(connection, alert)
        assert [event.rev for event in events] == list(range(1, alert.rev + 1))
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[-1].at <= NOW
        assert {event.actor for event in events} <= team | {SYSTEM}
    by_hand = [alert for alert in closed if alert.closed_by in team]
    assert len(by_hand) >= 8
    for alert in by_hand:
        kinds = [event.kind for event in history(connection, alert)]
        assert kinds.index(EventKind.ACKNOWLEDGED) < kinds.index(EventKind.CALLED) < len(kinds) - 1


def test_every_number_that_an_alert_names_was_measured(ward: Ward) -> None:
    """The first number of the reason of a single-reading rule is the value of a reading it points to."""
    connection, _ = ward
    checked = 0
    for alert in every_alert(connection):
        for event in history(connection, alert):
            if not isinstance(event.what, Raised | EvidenceAdded | PriorityRaised):
                continue
            breach = event.what.breach
            values = observations.of_readings(connection, breach.reading_ids)
            assert len({one.reading_id for one in values}) == len(breach.reading_ids)
            assert all(one.patient_id == alert.patient_id for one in values)
            if breach.rule in ("spo2_crit", "spo2_low", "hr_high", "glu_l2", "temp_fever"):
                said = re.search(r"\d+(\.\d+)?", texts.say(breach.message).replace("SpO2", ""))
                assert said is not None
                assert breach.measure is not None
                decimals = SPECS[breach.measure].decimals
                shown = {round(o.value, decimals) for o in values if o.measure is breach.measure}
                assert float(said.group()) in shown
                checked += 1
    assert checked >= 4


def test_somebody_who_was_called_had_an_alert_that_fits_what_they_said(ward: Ward) -> None:
    connection, _ = ward
    said = [
        event.what.text
        for alert in every_alert(connection)
        if alert.problem == "pressure_low"
        for event in history(connection, alert)
        if isinstance(event.what, Called)
    ]
    assert said
    assert all("izzy" in text for text in said)


def test_the_rules_have_nothing_to_add_when_the_worker_starts(ward: Ward) -> None:
    connection, _ = ward
    changes = evaluate_patients(connection, IDS, NOW + timedelta(minutes=2))
    assert [(change.alert.patient_id, change.alert.rule) for change in changes] == []


def test_one_reading_failed_and_one_is_in_quarantine(ward: Ward) -> None:
    connection, _ = ward
    home = WARD.homes[0]
    of_home = readings.of_patient(connection, home.patient_id, since=NOW - timedelta(days=1))
    assert [reading.failure for reading in of_home if reading.failure] == ["measurement failed"]
    (item,) = quarantine.open_items(connection)
    assert item.gateway_id == home.gateway_id


def test_the_live_homes_are_enrolled_with_their_gateways_and_devices(ward: Ward) -> None:
    connection, _ = ward
    assert {one.gateway_id for one in gateways.listed(connection)} == {h.gateway_id for h in WARD.homes}
    for home in WARD.homes:
        listed = devices.listed(connection, gateway_id=home.gateway_id)
        assert {one.device_id for one in listed} == {device.device_id for device in home.devices}
        assigned = devices.assignments(connection, patient_id=home.patient_id)
        assert {one.device_id for one in assigned} == {device.device_id for device in home.devices}


def test_a_second_seeding_leaves_the_ward_as_it_is_and_a_later_one_only_adds_what_was_measured(
    ward: Ward,
) -> None:
    connection, report = ward
    again = seed(connection, WARD, now=NOW, seed=SEED)
    assert again == SeedReport(
        was_there=True,
        patients=40,
        readings=0,
        open_alerts=report.open_alerts,
        closed_alerts=report.closed_alerts,
    )
    later = seed(connection, WARD, now=NOW + timedelta(days=2), seed=SEED)
    assert 100 < later.readings < 400
    assert seed(connection, WARD, now=NOW + timedelta(days=2), seed=SEED).readings == 0


def test_the_same_seeding_in_the_middle_of_the_night_gives_a_ward_as_good(database_server: Server) -> None:
    with database_server.fresh() as url, connect(url, application="test") as connection:
        report = seed(connection, WARD, now=NIGHT, seed=SEED)
        alerts = open_alerts(connection)
        assert 8 <= report.open_alerts == len(alerts) <= 16
        assert {alert.priority for alert in alerts} == set(Priority)
        assert sum(a.acknowledged_at is None and a.due_at < NIGHT for a in alerts) == 1


def test_every_device_was_seen_when_its_last_reading_came(ward: Ward) -> None:
    connection, _ = ward
    newest = dict(
        connection.execute("SELECT device_id, max(received_at) FROM readings GROUP BY device_id").fetchall()
    )
    assert {one.device_id: one.last_seen_at for one in devices.listed(connection)} == newest


def test_what_waits_in_quarantine_says_what_was_measured(ward: Ward) -> None:
    (item,) = quarantine.open_items(ward[0])
    reading = said(item)
    assert reading is not None
    assert reading.values == {"weight": 81.4}
