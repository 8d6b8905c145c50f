"""How fast the dashboard is: 10,000 patients, 2,000 open alerts, 50 nurses.

One server process, one PostgreSQL, all on this machine, the nurses' browsers too: times are upper bounds, and
mean little unless the load average was below the number of processors before the run. Processor time is the
server process's own, from /proc; the database's is not in it.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import httpx
import structlog

from benchmarks.dashboard import browser, crowd
from benchmarks.dashboard.goals import Goal, percentile
from benchmarks.dashboard.server import CALLBACK, WORKLIST, Server, patient_call, serving, signed_in
from benchmarks.dashboard.ward import fill
from store import migrate
from store.connection import connect
from tests.harness.database import TEMPLATE, running_server

_WARMING = 10


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """What to measure; the default takes about two minutes."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.dashboard",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--patients", type=int, default=10_000, help="in the ward, at least 9,100 (10,000)")
    parser.add_argument(
        "--alerts", type=int, default=2_000, help="open ones, each of another patient (2,000)"
    )
    parser.add_argument("--nurses", type=int, default=50, help="who act every five seconds, and listen (50)")
    parser.add_argument("--seconds", type=float, default=20, help="for how long the nurses act (20)")
    parser.add_argument(
        "--steps", type=int, default=15, help="presses of j in Chromium; 0 for no browser (15)"
    )
    asked = parser.parse_args(argv)
    if asked.patients < 9_100 or not 0 < asked.alerts <= 8_900:
        parser.error("--patients is at least 9,100, and --alerts is 1 to 8,900")
    return asked


def one_by_one(
    server: Server,
    client: httpx.Client,
    name: str,
    calls: list[tuple[str, dict[str, Any]]],
    *,
    cpu_ms: float,
    kb: float,
) -> list[Goal]:
    """One kind of call, made one after another: processor time and size against their goals."""
    for path, call in calls[:_WARMING]:
        client.post(path, json=call).raise_for_status()
    before, times, sizes = server.cpu_s(), [], []
    for path, call in calls:
        began = time.perf_counter()
        answer = client.post(path, json=call)
        times.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
        sizes.append(len(answer.content) / 1024)
        sent = int(answer.headers["content-length"]) / 1024
    cpu = (server.cpu_s() - before) * 1000 / len(calls)
    wall = f"wall p50 {statistics.median(times):.1f} ms"
    return [
        Goal(what=f"{name}: processor time a call", measured=cpu, below=cpu_ms, unit="ms", detail=wall),
        Goal(
            what=f"{name}: bytes a call, unpacked",
            measured=max(sizes),
            below=kb,
            unit="KB",
            detail=f"{sent:.1f} KB as sent",
        ),
    ]


def together(
    server: Server, cookies: dict[str, str], database_url: str, asked: argparse.Namespace
) -> list[Goal]:
    """The nurses at once."""
    before = server.cpu_s()
    latencies = asyncio.run(crowd.actions(server.url, cookies, asked.nurses, asked.seconds, asked.alerts))
    share = (server.cpu_s() - before) / asked.seconds
    everything = [value for values in latencies.values() for value in values]
    used = f"{share:.0%} of a core, {server.memory_mb():.0f} MB"
    medians = ", ".join(f"{name} p50 {statistics.median(values):.0f}" for name, values in latencies.items())
    news = asyncio.run(crowd.news(server.url, cookies, database_url, asked.nurses, 10))
    return [
        Goal(
            what=f"{asked.nurses} nurses, an action in 5 s each: p95",
            measured=percentile(everything, 0.95),
            below=100,
            unit="ms",
            detail=f"{medians} ms; {len(everything)} calls, {used}",
        ),
        Goal(
            what=f"an alert's commit to {asked.nurses} lists, worst of {len(news)}",
            measured=max(news),
            below=1000,
            unit="ms",
            detail=f"p50 {statistics.median(news):.0f} ms, of which 250 ms the page gathers events",
        ),
    ]


def by_key(server: Server, cookies: dict[str, str], count: int) -> Goal:
    """From the key to the next patient, painted with the charts."""
    found = browser.steps(server.url, cookies, count)
    wall = [step.wall_ms for step in found]
    task, script = (
        statistics.median(getattr(step, name) for step in found) for name in ("task_ms", "script_ms")
    )
    return Goal(
        what="a key to the next patient and charts, p50",
        measured=statistics.median(wall),
        below=250,
        unit="ms",
        detail=f"p90 {percentile(wall, 0.9):.0f} ms; main thread {task:.0f} ms, script {script:.0f}",
    )


def measured(server: Server, database_url: str, asked: argparse.Namespace) -> Iterator[Goal]:
    """Every goal with what was measured, each as soon as it is known."""
    cookies = signed_in(server.url)
    headers = {"x-csrftoken": cookies["hearthward_csrf"]}
    with httpx.Client(base_url=server.url, cookies=cookies, headers=headers, timeout=30) as client:
        total, lazily = browser.first_load(client)
        detail = f"a chart enlarged fetches {lazily:.0f} KB more, once; charts themselves nothing"
        yield Goal(what="the first page, compressed", measured=total, below=650, unit="KB", detail=detail)
        yield from one_by_one(server, client, "worklist", [(WORKLIST, {})] * 60, cpu_ms=10, kb=20)
        patients = [(CALLBACK, patient_call(1 + n % asked.alerts)) for n in range(60)]
        yield from one_by_one(server, client, "patient", patients, cpu_ms=20, kb=40)
    yield from together(server, cookies, database_url, asked)
    if asked.steps:
        yield by_key(server, cookies, asked.steps)


def _told(goal: Goal) -> Goal:
    print(goal.line(), flush=True)
    return goal


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print."""
    asked = arguments(argv)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    print(
        f"{asked.patients:,} patients, {asked.alerts:,} open alerts, {asked.nurses} nurses; load average "
        f"{os.getloadavg()[0]:.1f} before the run on {os.cpu_count()} processors"
    )
    with running_server() as database:
        database.make_template()
        migrate.migrate(database.url(TEMPLATE))
        with database.fresh() as url:
            with connect(url, application="benchmark", statement_timeout=timedelta(minutes=5)) as connection:
                fill(connection, asked.patients, asked.alerts)
            with serving(url) as server:
                goals = [_told(goal) for goal in measured(server, url, asked)]
    reached = sum(goal.reached for goal in goals)
    print(f"{reached} of {len(goals)} goals reached; load average {os.getloadavg()[0]:.1f} after the run")


if __name__ == "__main__":
    main()
