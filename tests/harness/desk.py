"""A dashboard on a ward of its own: patients with readings and open alerts, and its server."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import uvicorn

from alerts import life
from alerts.book import texts
from dashboard.server import build
from dashboard.settings import DashboardSettings
from hub.broker import free_port
from runtime.clock import utc_now
from store import alerts as stored_alerts
from store import heartbeats, patients
from store.connection import Connection, connect, transaction
from store.staff import Role, Staff, add_staff, hash_password
from tests.harness.small_ward import WARD, patient
from tests.harness.waiting import wait_until
from vitals.alert import TARGET_TIMES, Kind, Priority
from vitals.alert_event import AlertEvent, Raised
from vitals.breach import Breach, Layer, LimitUsed
from vitals.ids import AlertId, PatientId, StaffId
from vitals.measure import Measure
from vitals.message import Message
from vitals.patient import Programme

PASSWORD = "not-a-secret-in-tests"
SARA = Staff(
    staff_id=StaffId("s-sara"), ward_id=WARD, name="Sara Lind", email="sara@example.org", role=Role.NURSE
)
TOM = Staff(
    staff_id=StaffId("s-tom"), ward_id=WARD, name="Tom Becker", email="tom@example.org", role=Role.NURSE
)
STRANGER = Staff(
    staff_id=StaffId("s-far"), ward_id="ward-2", name="Far Away", email="far@example.org", role=Role.NURSE
)
LONG_NAME = "Maximiliana-Konstantina Featherstonehaugh-Cholmondeley de la Fuente y Castellanos"
DOROTHY, KWAME, LONG, SCRIPT, QUIET = (
    PatientId(f"p-{name}") for name in ("dorothy", "kwame", "long", "script", "quiet")
)

GAIN = Message(key="weight_fast", values={"change": 2.5, "days": 3, "usual": 80.2})
GAIN_WORDS = "Weight up 2.5 kg in 3 days; usual 80.2 kg"
OXYGEN = Message(
    key="value_confirmed",
    values={"measure": "measure_spo2", "value": 84, "unit": "%", "minutes": 6, "limit": 88},
)
PRESSURE = Message(
    key="pressure_confirmed", values={"systolic": 168, "diastolic": 98, "minutes": 4, "limit": "160/100"}
)
SILENCE = Message(key="silence_call", values={"measure": "noun_weight", "days": 3})


def add_desk_ward(connection: Connection, now: datetime) -> dict[PatientId, AlertId]:
    """Five patients with a month of readings; all but the last have an open alert, whose id is returned."""
    with transaction(connection):
        patients.add_ward(connection, WARD, name="Ward One", time_zone="Europe/London")
        patients.add_ward(connection, "ward-2", name="Ward Two", time_zone="Europe/London")
        password_hash = hash_password(PASSWORD)
        for staff in (SARA, TOM, STRANGER):
            add_staff(connection, staff, password_hash=password_hash)
        for patient_id, given, family in (
            (DOROTHY, "Dorothy", "Rahman"),
            (KWAME, "Kwame", "Roberts"),
            (LONG, *LONG_NAME.split(" ", 1)),
            (SCRIPT, "<script>window.broken = true</script>", "O'Neill & Sons"),
            (QUIET, "Quentin", "Quiet"),
        ):
            who = replace(
                patient(patient_id, given, family, Programme.HEART_FAILURE),
                phone="01632 960548",
                allergies=("Penicillin",) if patient_id == DOROTHY else None,
            )
            patients.add(connection, who, enrolled_at=now - timedelta(days=90), medicines=["Bisoprolol 5 mg"])
            _add_month(connection, patient_id, now)
        return {
            DOROTHY: raise_alert(connection, DOROTHY, Priority.HIGH, now),
            KWAME: raise_alert(
                connection, KWAME, Priority.HIGH, now, OXYGEN, ago_minutes=20, measure=Measure.SPO2
            ),
            LONG: raise_alert(connection, LONG, Priority.MEDIUM, now, PRESSURE, measure=Measure.SYSTOLIC),
            SCRIPT: raise_alert(connection, SCRIPT, Priority.LOW, now, SILENCE, kind=Kind.TECHNICAL),
        }


def raise_alert(
    connection: Connection,
    patient_id: PatientId,
    priority: Priority,
    now: datetime,
    message: Message = GAIN,
    *,
    ago_minutes: float = 50,
    measure: Measure = Measure.WEIGHT,
    kind: Kind = Kind.PHYSIOLOGICAL,
    problem: str = "a_problem",
) -> AlertId:
    """An open alert as a rule raises it."""
    at = now - timedelta(minutes=ago_minutes)
    limit = LimitUsed(
        name="weight_gain_fast", value=2.0, layer=Layer.PROGRAMME, author="Hearthward draft v0", reason="ESC"
    )
    breach = Breach(
        rule="fluid_gain_fast",
        rule_version=1,
        problem=problem,
        kind=kind,
        priority=priority,
        measure=measure,
        message=message,
        magnitude=1.25,
        at=at,
        limits=(limit,),
        asks=("ask_breathless", "ask_swollen"),
    )
    raised = Raised(patient_id=patient_id, breach=breach, due_at=at + TARGET_TIMES[priority])
    alert = life.begin(raised, at, texts.english)
    alert_id = stored_alerts.open_alert(
        connection, alert, AlertEvent(rev=1, actor="system", at=at, what=raised)
    )
    assert alert_id is not None
    return alert_id


def close_alerts(connection: Connection, patient_id: PatientId) -> None:
    """None of the patient's alerts is open any more, whatever a test has made of them."""
    connection.execute(
        "UPDATE alerts SET closed_at = now(), outcome = 'acted' WHERE patient_id = %s AND closed_at IS NULL",
        [patient_id],
    )


def _add_month(connection: Connection, patient_id: PatientId, now: datetime) -> None:
    for day in range(30):
        if day in (6, 7, 8, 9):
            continue  # a gap that must stay a gap
        at = now - timedelta(days=day, hours=2)
        values = {
            Measure.WEIGHT: 80 + (day % 3) * 0.2 + (2.4 if day < 2 else 0),
            Measure.SYSTOLIC: 124 + day % 7,
            Measure.DIASTOLIC: 76 + day % 5,
            Measure.SPO2: 95 - (day % 2),
            Measure.HEART_RATE: 70 + day % 6,
        }
        for measure, value in values.items():
            connection.execute(
                """INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)
                   VALUES (%s, %s, %s, %s, %s, %s)""",
                (patient_id, measure, at, value, f"{patient_id}-{day}", at),
            )


class Dashboard:
    """A dashboard that answers on loopback, and the address of its database."""

    def __init__(self, url: str, database_url: str, alerts: dict[PatientId, AlertId]) -> None:
        self.url = url
        self.database_url = database_url
        self.alerts = alerts
        self.beating = {"alerts", "ingest"}
        """The processes that seem to live; a test that takes one out lets it fall silent."""

    @contextmanager
    def sign_in(self, staff: Staff = SARA) -> Iterator[httpx.Client]:
        """A program with a session, sending the header that our own pages send."""
        with httpx.Client(base_url=self.url) as client:
            answer = client.post("/sign-in", data={"email": staff.email, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            client.headers["x-csrftoken"] = client.cookies["hearthward_csrf"]
            yield client

    @contextmanager
    def database(self) -> Iterator[Connection]:
        """A connection to its database."""
        with connect(self.database_url, application="test") as connection:
            yield connection

    def rows(self, query: str, *values: object) -> Sequence[tuple[object, ...]]:
        """What the database says."""
        with self.database() as connection:
            return connection.execute(query.encode(), values).fetchall()


@contextmanager
def beating(dashboard: Dashboard) -> Iterator[None]:
    """The heartbeats of the processes that this ward does not run, for as long as a test looks."""
    stopping = threading.Event()

    def beat() -> None:
        with dashboard.database() as connection:
            while not stopping.wait(1):
                for process in sorted(dashboard.beating):
                    heartbeats.beat(connection, process)

    thread = threading.Thread(target=beat, name="heartbeats")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(timeout=10)


@contextmanager
def running_dashboard(
    database_url: str, clock: Callable[[], datetime] = utc_now, **settings: object
) -> Iterator[Dashboard]:
    """A server on a thread of this process, on a ward with open alerts and rules that have just run.

    `settings` are more of the dashboard's than where it listens.
    """
    with connect(database_url, application="test") as connection:
        alerts = add_desk_ward(connection, clock())
        heartbeats.beat(connection, "alerts")
        heartbeats.beat(connection, "ingest")
    port = free_port()
    chosen = {"database_url": database_url, "dashboard_port": port, **settings}
    server = uvicorn.Server(
        uvicorn.Config(
            build(DashboardSettings.model_validate(chosen), clock),
            host="127.0.0.1",
            port=port,
            log_config=None,
            ws="none",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, name="dashboard")
    thread.start()
    try:
        wait_until(lambda: server.started, what="the dashboard listens")
        running = Dashboard(f"http://127.0.0.1:{port}", database_url, alerts)
        with beating(running):
            yield running
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@contextmanager
def alert_of_toms(dashboard: Dashboard, patient_id: PatientId, priority: Priority) -> Iterator[AlertId]:
    """The patient's only open alert, which Tom has; afterwards none of theirs is open."""
    with dashboard.database() as connection, dashboard.sign_in(TOM) as tom:
        close_alerts(connection, patient_id)
        alert_id = raise_alert(connection, patient_id, priority, utc_now(), problem="of_toms")
        tom.post(f"/api/alerts/{alert_id}/acknowledge", json={"rev": 1}).raise_for_status()
        yield alert_id
        close_alerts(connection, patient_id)
