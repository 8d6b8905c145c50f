"""How soon an alert follows a reading at a given rate, and what that costs: a part of `benchmarks.alerts`."""

import multiprocessing
import os
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from alerts.book import rulebook
from alerts.memory import collect_seldom
from alerts.settings import AlertsSettings
from alerts.worker import Worker
from runtime import logs
from runtime.clock import utc_now
from store import readings
from store.channels import WARD_CHANGED
from store.connection import Connection, connect, listen, transaction
from store.errors import StoreUnavailable
from store.readings import AdmittedReading
from tests.harness.said import oxygen, pressure
from tests.harness.waiting import wait_until
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.reading import Reading

# A reading more than a minute after the first, both low: enough for an urgent alert at once.
LOW = (timedelta(minutes=3), timedelta(minutes=1))
URGENT_SHARE = 0.01
# Ingest commits what has come since its last commit; at this rate that is about so long.
COMMIT_EVERY_S = 0.02
_TICK = os.sysconf("SC_CLK_TCK")


def store(
    connection: Connection,
    said: Sequence[tuple[PatientId, dict[Measure, float], datetime]],
    now: datetime,
) -> None:
    """Store readings as ingest does, in one commit."""
    admitted = [
        AdmittedReading(
            reading=Reading(
                reading_id=ReadingId(f"{patient_id}-{at.timestamp()}"),
                device_id=DeviceId("cuff"),
                profile="test",
                measured_at=at,
                received_at=now,
                values=values,
            ),
            patient_id=patient_id,
        )
        for patient_id, values, at in said
    ]
    with transaction(connection):
        readings.store(connection, admitted, now=now)


def _serve(database_url: str) -> None:
    """An alert worker, in a process of its own, until it is terminated."""
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # for the life of the process
    logs.configure("alerts", "json")
    collect_seldom()
    Worker(AlertsSettings(database_url=database_url), rulebook.shipped()).run(threading.Event())


class Heard:
    """When each patient's alert was heard of, from the notification that its commit sends."""

    def __init__(self, database_url: str) -> None:
        self.at: dict[PatientId, float] = {}
        self._url = database_url
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with (
            suppress(StoreUnavailable),  # the server ends with the benchmark
            connect(self._url, application="benchmark-listen", statement_timeout=None) as connection,
        ):
            for notifications in listen(connection, WARD_CHANGED, tick=timedelta(seconds=1)):
                for one in notifications:
                    if one.payload.startswith("alert:"):
                        whose = PatientId(one.payload.split(":")[2])
                        self.at.setdefault(whose, time.perf_counter())


@dataclass(slots=True, kw_only=True)
class Load:
    """What was poured in and what came of it; delays in seconds, CPU in seconds by who spent it."""

    readings: int
    wall_s: float
    behind_s: float
    delays: list[float]
    expected: int
    cpu: dict[str, float]
    evaluations: int = 0


def under_load(
    url: str, server_pid: int, everybody: Sequence[PatientId], *, rate: float, seconds: float, workers: int
) -> Load:
    """Readings at that rate into the real store, real workers behind it; urgent ones in between."""
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_serve, args=(url,), daemon=True) for _ in range(workers)]
    for process in processes:
        process.start()
    try:
        with connect(url, application="benchmark") as connection:
            wait_until(
                lambda: _nobody_due(connection), deadline_s=600, what="every patient was looked at once"
            )
            _warm(connection, everybody)
            heard, pids = Heard(url), [p.pid or 0 for p in processes]
            before, evaluated = _spent(connection, server_pid, pids), _evaluated(connection)
            load = _pour(connection, heard, everybody, rate, seconds)
            after = _spent(connection, server_pid, pids)
            load.cpu |= {name: cpu_s - before[name] for name, cpu_s in after.items()}
            load.evaluations = _evaluated(connection) - evaluated
    finally:
        for process in processes:
            process.terminate()
            process.join()
    return load


def _warm(connection: Connection, everybody: Sequence[PatientId]) -> None:
    """A reading of each patient before the rest: on a ward that runs, workers know their patients."""
    now = utc_now()
    store(connection, [(one, pressure(127, 76), now - timedelta(minutes=10)) for one in everybody], now)
    wait_until(lambda: not _waiting(connection), deadline_s=600, what="every patient's first reading is seen")


def _pour(
    connection: Connection, heard: Heard, everybody: Sequence[PatientId], rate: float, seconds: float
) -> Load:
    chance = Random(1)
    urgent = iter(chance.sample(list(everybody), len(everybody)))
    begun: dict[PatientId, float] = {}
    sent, cpu_s, start = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - start < seconds:
        due = int(rate * (time.perf_counter() - start)) - sent
        if due < rate * COMMIT_EVERY_S:
            time.sleep(COMMIT_EVERY_S / 4)
            continue
        now, said = utc_now(), list[tuple[PatientId, dict[Measure, float], datetime]]()
        for number in range(due):
            if chance.random() < URGENT_SHARE and (whose := next(urgent, None)) is not None:
                said += [(whose, oxygen(84), now - ago) for ago in LOW]
                begun[whose] = time.perf_counter()
            else:
                at = now - timedelta(microseconds=number)
                said.append((chance.choice(everybody), pressure(round(chance.gauss(127, 6)), 76), at))
        store(connection, said, now)
        sent += len(said)
    poured_s, cpu_s = time.perf_counter() - start, time.process_time() - cpu_s
    wait_until(lambda: begun.keys() <= heard.at.keys(), deadline_s=60, what="every urgent alert is heard of")
    wait_until(lambda: not _waiting(connection), deadline_s=60, what="nobody waits to be looked at")
    delays = sorted(heard.at[whose] - at for whose, at in begun.items())
    behind_s = time.perf_counter() - start - poured_s
    return Load(
        readings=sent,
        wall_s=poured_s,
        behind_s=behind_s,
        delays=delays,
        expected=len(begun),
        cpu={"storing": cpu_s},
    )


def _waiting(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM evaluations_due LIMIT 1").fetchone() is not None


def _nobody_due(connection: Connection) -> bool:
    row = connection.execute(
        "SELECT count(*) FILTER (WHERE look_at > now()) = (SELECT count(*) FROM patients)"
        " AND NOT EXISTS (SELECT 1 FROM evaluations_due) FROM evaluations_planned"
    ).fetchone()
    return row is not None and bool(row[0])


def _evaluated(connection: Connection) -> int:
    """How many evaluations there have been: each plans the patient's next one."""

    def planned() -> int:
        row = connection.execute(
            "SELECT n_tup_ins + n_tup_upd FROM pg_stat_user_tables WHERE relname = 'evaluations_planned'"
        ).fetchone()
        return 0 if row is None else int(row[0])

    before = planned()
    while True:
        time.sleep(1.5)  # a server process tells what it has done once a second
        if (now := planned()) == before:
            return now
        before = now


def _spent(connection: Connection, server_pid: int, workers: Sequence[int]) -> dict[str, float]:
    """Seconds of CPU so far: of the workers, of the server's processes that serve them, and of the rest."""
    served = connection.execute(
        "SELECT application_name, pid FROM pg_stat_activity WHERE application_name LIKE 'hearthward-%'"
    ).fetchall()
    cpu = {"alert workers": sum(map(_cpu_s, workers)), "database for them": 0.0, "database for ingest": 0.0}
    for application, pid in served:
        whose = "database for them" if "alerts" in application else "database for ingest"
        cpu[whose] += _cpu_s(pid)
    whole = sum(map(_cpu_s, _family([server_pid])))
    return {**cpu, "database itself": whole - cpu["database for them"] - cpu["database for ingest"]}


def _family(pids: Sequence[int]) -> list[int]:
    children = [
        int(child) for pid in pids for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ]
    return [*pids, *children]


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def report(load: Load, rate: float, workers: int, whom: int) -> None:
    """Print what came of it."""
    print(
        f"\n{load.readings} readings of {whom} patients in {load.wall_s:.1f} s "
        f"({load.readings / load.wall_s:.0f}/s of {rate:.0f}/s wanted), {workers} worker(s)"
    )
    p50, p99 = statistics.median(load.delays), load.delays[int(len(load.delays) * 0.99)]
    print(
        f"reading to alert committed, {len(load.delays)} of {load.expected} urgent alerts: "
        f"p50 {p50 * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms; done {load.behind_s:.1f} s after the last reading"
    )
    each = ", ".join(f"{name} {cpu / load.readings * 1000:.3f} ms" for name, cpu in load.cpu.items())
    print(f"CPU per reading: {each}")
    workers_s = load.cpu["alert workers"] + load.cpu["database for them"]
    print(
        f"{load.evaluations} evaluations of a patient, {workers_s / max(load.evaluations, 1) * 1000:.3f} ms "
        f"each with the database's share; at this rate everything together keeps "
        f"{sum(load.cpu.values()) / load.wall_s:.2f} cores busy, the MQTT side of ingest not counted"
    )
