"""How fast patients are evaluated, live and in a backtest, and how soon an alert follows a reading.

    python -m benchmarks.alerts [--patients N] [--days D] [--rate R] [--seconds S] [--workers W]

Everything is real: PostgreSQL that flushes to the disk, the store, the worker. Rates are by CPU time of the
process that evaluates, so that a busy machine does not blur them; wall time stands beside it. Prints what a
million patients would take on one core, and the ratio of remembered to cold evaluations, from one run.
"""

import argparse
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from alerts.book import rulebook
from alerts.history import backtest
from alerts.history.replay import History
from alerts.memory import Memory
from alerts.readings import trend
from alerts.readings.course import Course
from alerts.rules.view import Watched
from alerts.settings import AlertsSettings
from alerts.worker import evaluate_patients
from benchmarks import alert_load
from runtime import logs
from runtime.clock import utc_now
from simulators.cohort import Task, make
from simulators.cohort_laws import LAW_B
from store import course_revisions, migrate, patients
from store.connection import Connection, connect, transaction
from tests.harness import cohort_ward
from tests.harness.database import TEMPLATE, Server, running_server
from tests.harness.said import pressure
from tests.harness.small_ward import WARD, patient
from vitals.ids import PatientId
from vitals.patient import Programme

MILLION = 1_000_000
BATCH = AlertsSettings.model_fields["alerts_batch"].default
_HISTORY = b"""
    INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at, stored_at)
    SELECT patient_id, measure, at, middle + spread * (random() - 0.5), 'h-' || patient_id || '-' || day, at,
           at
    FROM patients, generate_series(1, %(days)s) AS day,
         LATERAL (SELECT %(now)s - day * interval '1 day' AS at) AS instants,
         (VALUES ('systolic', 128, 12), ('diastolic', 77, 8), ('heart_rate', 71, 10))
             AS usual (measure, middle, spread)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """How many evaluations, and how long they took: seconds of CPU of this process, and of the wall clock."""

    count: int
    cpu_s: float
    wall_s: float

    @property
    def per_second(self) -> float:
        """Evaluations per second of CPU."""
        return self.count / self.cpu_s

    def line(self, label: str) -> str:
        """A row of the table."""
        each = self.cpu_s / self.count * 1000
        wall = self.wall_s / self.count * 1000
        return f"  {label:<44}{self.per_second:>9.0f}/s{each:>9.3f} ms CPU{wall:>9.3f} ms wall"


@contextmanager
def _spending(into: list[Spent], count: int) -> Generator[None]:
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    yield
    spent = Spent(count=count, cpu_s=time.process_time() - cpu_s, wall_s=time.perf_counter() - wall_s)
    into.append(spent)


def _sum(parts: Sequence[Spent]) -> Spent:
    return Spent(
        count=sum(part.count for part in parts),
        cpu_s=sum(part.cpu_s for part in parts),
        wall_s=sum(part.wall_s for part in parts),
    )


def trend_states(patients_each: int, days: int) -> tuple[Spent, Spent]:
    """The trend features alone, and the same from the readings on, for patients of all cohorts."""
    everybody = [
        one
        for task in Task
        for one in cohort_ward.lives(make(task, LAW_B, seed=3, patients=patients_each, days=days))
    ]
    from_readings: list[Spent] = []
    windows = []
    with _spending(from_readings, len(everybody)):
        for one in everybody:
            course = Course(ZoneInfo(one.who.time_zone))
            for measured in one.readings:
                course.add(measured)
            window = course.window()
            if window is not None:
                windows.append(window.values)
        trend.features(np.stack(windows))
    alone: list[Spent] = []
    many = np.stack([windows[number % len(windows)] for number in range(1_000)])
    with _spending(alone, len(many)):
        trend.features(many)
    return alone[0], from_readings[0]


def backtested(patients_each: int, days: int) -> Spent:
    """Whole evaluations of a backtest: every rule, alerts reconciled."""
    histories = [
        History(
            patient=Watched(
                patient_id=one.who.patient_id,
                time_zone=one.who.time_zone,
                birth_date=one.who.birth_date,
                enrolled_at=one.readings[0].at,
                programmes={one.who.programme.value: one.readings[0].at.date()},
            ),
            readings=one.readings,
        )
        for task in Task
        for one in cohort_ward.lives(make(task, LAW_B, seed=5, patients=patients_each, days=days))
    ]
    spent: list[Spent] = []
    with _spending(spent, sum(len(history.readings) for history in histories)):
        end = max(history.readings[-1].at for history in histories)
        backtest.replay(histories, rulebook.shipped(), end=end, calibrate=False)
    return spent[0]


def live(connection: Connection, everybody: Sequence[PatientId], now: datetime) -> tuple[Spent, Spent]:
    """Evaluations of a new reading each: with nothing remembered, and with everything."""
    memory = Memory(10 * MILLION)
    cold: list[Spent] = []
    remembered: list[Spent] = []
    for start in range(0, len(everybody), BATCH):
        batch = everybody[start : start + BATCH]
        then = now
        evaluate_patients(connection, batch, then, memory=memory)
        for hour in range(1, 4):
            then = now + timedelta(hours=hour)
            alert_load.store(connection, [(p, pressure(127 + hour, 76), then) for p in batch], then)
            with _spending(remembered, len(batch)):
                evaluate_patients(connection, batch, then, memory=memory)
        with _spending(cold, len(batch)):
            evaluate_patients(connection, batch, then)
    return _sum(cold), _sum(remembered)


def _ward(connection: Connection, count: int, days: int, now: datetime) -> list[PatientId]:
    everybody = [PatientId(f"p-{number:06}") for number in range(count)]
    programmes = (Programme.HEART_FAILURE, Programme.HYPERTENSION, Programme.COPD)
    with transaction(connection):
        patients.add_ward(connection, WARD, name="Ward One", time_zone="Europe/Berlin")
        connection.execute(
            "INSERT INTO devices (device_id, profile, enrolled_at) VALUES ('cuff', 'test', %s)", (now,)
        )
        for number, patient_id in enumerate(everybody):
            one = patient(patient_id, "Any", "Body", programmes[number % len(programmes)])
            patients.add(connection, one, enrolled_at=now - timedelta(days=days))
    with transaction(connection):
        connection.execute(course_revisions.COUNTED)
        connection.execute(_HISTORY, {"now": now, "days": days})
        course_revisions.add(connection, [(p, now - timedelta(days=days)) for p in everybody])
    connection.execute("VACUUM ANALYZE")
    return everybody


def _report_rates(rows: Sequence[tuple[str, Spent]]) -> None:
    print("evaluated per second on one core:")
    for label, spent in rows:
        print(spent.line(label) + f"   1 M patients: {MILLION / spent.per_second / 60:7.1f} min")


def _on_a_ward(
    server: Server, count: int, days: int, what: Callable[[str, Connection, list[PatientId]], None]
) -> None:
    with server.fresh() as url, connect(url, application="benchmark") as connection:
        what(url, connection, _ward(connection, count, days, utc_now()))


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description="Evaluations per second, and how soon alerts follow.")
    parser.add_argument("--patients", type=int, default=1_000, help="on the ward (default 1000)")
    parser.add_argument("--days", type=int, default=120, help="of history of each (default 120)")
    parser.add_argument("--rate", type=float, default=1_000, help="readings per second (default 1000)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of that rate (default 10)")
    parser.add_argument("--workers", type=int, default=1, help="alert workers (default 1)")
    asked = parser.parse_args()
    logs.configure("benchmark", level=40)
    alone, from_readings = trend_states(20, asked.days)
    print(f"{asked.days} days of history; trend state is what the trend rules look at")
    with running_server(durable=True) as server:
        server.make_template()
        migrate.migrate(server.url(TEMPLATE))

        def rates(_url: str, connection: Connection, everybody: list[PatientId]) -> None:
            cold, remembered = live(connection, everybody[: 4 * BATCH], utc_now())
            _report_rates(
                [
                    ("trend features alone, from days", alone),
                    ("trend state, from all readings", from_readings),
                    ("backtest, all rules, each reading", backtested(3, asked.days)),
                    ("live, all rules, nothing remembered", cold),
                    ("live, all rules, remembered", remembered),
                ]
            )
            print(f"remembered : cold = {remembered.per_second / cold.per_second:.1f} : 1")

        def load(url: str, _connection: Connection, everybody: list[PatientId]) -> None:
            found = alert_load.under_load(
                url,
                server.process.pid,
                everybody,
                rate=asked.rate,
                seconds=asked.seconds,
                workers=asked.workers,
            )
            alert_load.report(found, asked.rate, asked.workers, len(everybody))

        _on_a_ward(server, 4 * BATCH, asked.days, rates)
        _on_a_ward(server, asked.patients, asked.days, load)


if __name__ == "__main__":
    main()
