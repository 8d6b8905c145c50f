"""How fast the dashboard is: 10,000 patients, 2,000 open alerts, 50 nurses.

    python -m benchmarks.dashboard [--patients N] [--alerts N] [--nurses N] [--seconds N]

One server process, one PostgreSQL, all on this machine, the clients too: what is printed are upper bounds.
CPU is the server process's own, from /proc, and does not depend on what else runs.
"""

import argparse
import asyncio
import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from hub.broker import free_port
from runtime.clock import utc_now
from store import heartbeats, migrate
from store.connection import Connection, connect, transaction
from store.patients import add_ward
from store.staff import add_staff, hash_password
from tests.harness.database import TEMPLATE, running_server
from tests.harness.desk import GAIN, PASSWORD, SARA, raise_alert
from tests.harness.small_ward import WARD
from tests.harness.waiting import wait_until
from vitals.alert import Priority
from vitals.ids import AlertId, PatientId

TICKS = os.sysconf("SC_CLK_TCK")
CALLBACK = "/app/_dash-update-component"

_PATIENTS = """
    INSERT INTO patients (patient_id, ward_id, given_name, family_name, sex, birth_date, record_number,
                          time_zone, conditions, medicines, enrolled_at)
    SELECT 'p-' || n, %(ward)s, 'Given' || n, 'Family' || (n * 7919 %% 10007), 'female', '1950-01-01',
           'MRN ' || n, 'Europe/London', '{Heart failure}', '{Bisoprolol 5 mg}', now() - interval '90 days'
    FROM generate_series(1, %(count)s) n
"""
_ENROLMENTS = """
    INSERT INTO programme_enrolments (patient_id, programme, starts_on)
    SELECT patient_id, 'heart_failure', current_date - 80 FROM patients
"""
_OBSERVATIONS = """
    INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)
    SELECT 'p-' || n, m.measure, t, m.value + (n %% 7) + extract(day FROM t)::int %% 3,
           'r-' || n || '-' || extract(epoch FROM t), t
    FROM generate_series(1, %(count)s) n,
         generate_series(now() - interval '59 days', now(), interval '1 day') t,
         (VALUES ('weight', 80.0), ('systolic', 124.0), ('diastolic', 76.0), ('spo2', 94.0),
                 ('heart_rate', 70.0)) AS m (measure, value)
"""


def fill(connection: Connection, patients: int, alerts: int) -> None:
    """A ward of that size; the patients with alerts have sixty days of readings, the others none."""
    now = utc_now()
    with transaction(connection):
        add_ward(connection, WARD, name="Ward", time_zone="Europe/London")
        add_staff(connection, SARA, password_hash=hash_password(PASSWORD))
        connection.execute(_PATIENTS.encode(), {"ward": WARD, "count": patients})
        connection.execute(_ENROLMENTS.encode())
        connection.execute(_OBSERVATIONS.encode(), {"count": alerts})
        for n in range(1, alerts + 1):
            priority = Priority.HIGH if n <= 6 else Priority.MEDIUM if n % 3 else Priority.LOW
            raise_alert(connection, PatientId(f"p-{n}"), priority, now, ago_minutes=n % 600)
        heartbeats.beat(connection, "alerts")
    connection.execute("ANALYZE")


class Server:
    """The dashboard as it runs in production, and its processor time."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = process
        self.url = url

    def cpu_s(self) -> float:
        """Processor seconds of the process so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0


@contextmanager
def serving(database_url: str) -> Iterator[Server]:
    """`hearthward dashboard` on that database."""
    port = free_port()
    environment = {
        **os.environ,
        "HEARTHWARD_DATABASE_URL": database_url,
        "HEARTHWARD_DASHBOARD_PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "-m", "hub", "dashboard"], env=environment)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_until(answers, deadline_s=40, what="the dashboard answers")
        yield Server(process, url)
    finally:
        process.terminate()
        process.wait(timeout=15)


def signed_in(url: str) -> dict[str, str]:
    """A nurse's cookies."""
    answer = httpx.post(f"{url}/sign-in", data={"email": SARA.email, "password": PASSWORD})
    return dict(answer.cookies)


def worklist_call() -> dict[str, Any]:
    """What the page sends for the worklist."""
    return {
        "output": "worklist.data",
        "outputs": {"id": "worklist", "property": "data"},
        "inputs": [
            {"id": "worklist", "property": "query"},
            {"id": "live", "property": "data"},
            {"id": "acted", "property": "data"},
        ],
        "changedPropIds": [],
    }


def patient_call(alert_id: int) -> dict[str, Any]:
    """What the page sends for a patient's banner, alert and history."""
    ids = (("patient", "data"), ("aside", "data"), ("charts-head", "shown"), ("patient", "shown"))
    return {
        "output": "..patient.data...aside.data...charts-head.shown...patient.shown..",
        "outputs": [{"id": one, "property": name} for one, name in ids],
        "inputs": [
            {"id": "url", "property": "pathname", "value": f"/app/alerts/{alert_id}"},
            {"id": "live", "property": "data"},
            {"id": "acted", "property": "data"},
        ],
        "changedPropIds": ["url.pathname"],
        "state": [{"id": "patient", "property": "shown"}],
    }


def charts_call(alert_id: int) -> dict[str, Any]:
    """What the page sends for a patient's charts."""
    return {
        "output": "charts-of.data",
        "outputs": {"id": "charts-of", "property": "data"},
        "inputs": [
            {"id": "url", "property": "pathname", "value": f"/app/alerts/{alert_id}"},
            {"id": "charts-head", "property": "days", "value": 14},
            {"id": "live", "property": "data"},
            {"id": "acted", "property": "data"},
        ],
        "changedPropIds": ["url.pathname"],
        "state": [{"id": "patient", "property": "shown"}],
    }


def one_by_one(server: Server, client: httpx.Client, name: str, calls: list[dict[str, Any]]) -> None:
    """Print time, processor time and size of one kind of call, made one after another."""
    client.post(CALLBACK, json=calls[0]).raise_for_status()
    before, times, size = server.cpu_s(), [], 0
    for call in calls:
        began = time.perf_counter()
        answer = client.post(CALLBACK, json=call)
        times.append((time.perf_counter() - began) * 1000)
        answer.raise_for_status()
        size = len(answer.content)
    cpu = (server.cpu_s() - before) * 1000 / len(calls)
    sent = len(gzip.compress(answer.content, 5))
    print(
        f"{name:<18} p50 {statistics.median(times):6.1f} ms   CPU {cpu:5.1f} ms   "
        f"{size / 1024:5.1f} KB, {sent / 1024:.1f} KB as sent"
    )


async def crowd(url: str, cookies: dict[str, str], nurses: int, seconds: float, alerts: int) -> None:
    """Nurses who each step to another patient every five seconds, while all listen to live events."""
    latencies: dict[str, list[float]] = {"worklist": [], "patient": [], "charts": []}
    headers = {"x-csrftoken": cookies["hearthward_csrf"]}
    limits = httpx.Limits(max_connections=nurses * 2)
    async with httpx.AsyncClient(
        base_url=url, cookies=cookies, headers=headers, limits=limits, timeout=30
    ) as client:

        async def timed(name: str, call: dict[str, Any]) -> None:
            began = time.perf_counter()
            (await client.post(CALLBACK, json=call)).raise_for_status()
            latencies[name].append((time.perf_counter() - began) * 1000)

        async def nurse(number: int) -> None:
            await asyncio.sleep(5 * number / nurses)
            end = time.perf_counter() + seconds
            step = 0
            while time.perf_counter() < end:
                alert_id = 1 + (number * 37 + step) % alerts
                began = time.perf_counter()
                await timed("patient", patient_call(alert_id))
                await timed("charts", charts_call(alert_id))
                await timed("worklist", worklist_call())
                step += 1
                await asyncio.sleep(max(0.0, 5 - (time.perf_counter() - began)))

        await asyncio.gather(*(nurse(number) for number in range(nurses)))
    for name, found in latencies.items():
        ordered = sorted(found)
        p95 = ordered[int(len(ordered) * 0.95)]
        middle = statistics.median(ordered)
        print(f"{nurses} nurses, {name:<9} p50 {middle:6.1f} ms   p95 {p95:6.1f} ms   {len(ordered)} calls")


async def live(url: str, cookies: dict[str, str], database_url: str, pages: int, rounds: int) -> list[float]:
    """Milliseconds from the commit of an alert until the last of all open pages was told, for each round."""
    heard: asyncio.Queue[int] = asyncio.Queue()
    ready = asyncio.Semaphore(0)

    async def page(client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "/events") as answer:
            ready.release()
            async for line in answer.aiter_lines():
                if line.startswith("data: ") and '"alert"' in line:
                    heard.put_nowait(json.loads(line[6:])["alert"])

    limits = httpx.Limits(max_connections=pages + 5)
    async with httpx.AsyncClient(base_url=url, cookies=cookies, limits=limits, timeout=None) as client:
        tasks = [asyncio.create_task(page(client)) for _ in range(pages)]
        for _ in range(pages):
            await ready.acquire()
        await asyncio.sleep(1)
        found: list[float] = []
        with connect(database_url, application="benchmark") as connection:
            for number in range(rounds):
                committed = await asyncio.to_thread(_raise_one, connection, number)
                left = pages
                while left:
                    if await asyncio.wait_for(heard.get(), 10) == committed[0]:
                        left -= 1
                found.append((time.perf_counter() - committed[1]) * 1000)
        for task in tasks:
            task.cancel()
    return found


def _raise_one(connection: Connection, number: int) -> tuple[AlertId, float]:
    with transaction(connection):
        alert_id = raise_alert(
            connection, PatientId("p-9999"), Priority.MEDIUM, utc_now(), GAIN, problem=f"live-{number}"
        )
    return alert_id, time.perf_counter()


def first_load(client: httpx.Client) -> None:
    """Print what a browser fetches for the first page, compressed, and what the first chart adds."""
    page = client.get("/app/alerts", headers={"accept": "text/html"}).text
    names = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    total = len(page)
    for name in sorted(set(names)):
        with client.stream("GET", name, headers={"accept-encoding": "gzip"}) as answer:
            total += sum(len(part) for part in answer.iter_raw())
    lazy = 0
    plotly = "/app/_dash-component-suites/plotly/package_data/plotly.min.js"
    with client.stream("GET", plotly, headers={"accept-encoding": "gzip"}) as answer:
        lazy += sum(len(part) for part in answer.iter_raw())
    print(
        f"first load         {total / 1024:.0f} KB; the first chart enlarged adds {lazy / 1024:.0f} KB, once"
    )


def keys(url: str, cookies: dict[str, str], steps: int) -> None:
    """Print how long it takes in Chromium from the key to the next patient's banner, and to their charts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        page.goto(f"{url}/app/alerts")
        page.locator(".row").first.wait_for()
        page.keyboard.press("j")
        page.locator("svg.chart").first.wait_for()
        banners, charts = [], []
        for _ in range(steps):
            shown = page.locator("#patient-banner h1").inner_text()
            began = time.perf_counter()
            page.keyboard.press("j")
            while page.locator("#patient-banner h1").inner_text() == shown or page.evaluate(
                "document.body.classList.contains('is-loading')"
            ):
                pass
            banners.append((time.perf_counter() - began) * 1000)
            patient = page.evaluate("location.pathname.split('/').pop()")
            page.locator(f"#charts[data-path$='/{patient}'] svg.chart").first.wait_for(state="attached")
            charts.append((time.perf_counter() - began) * 1000)
        browser.close()
    print(
        f"key to patient     p50 {statistics.median(banners):.0f} ms, worst {max(banners):.0f} ms; "
        f"to the charts p50 {statistics.median(charts):.0f} ms"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--alerts", type=int, default=2_000)
    parser.add_argument("--nurses", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    asked = parser.parse_args()
    with running_server() as database:
        database.make_template()
        migrate.migrate(database.url(TEMPLATE))
        with database.fresh() as url:
            with connect(url, application="benchmark", statement_timeout=timedelta(minutes=5)) as connection:
                fill(connection, asked.patients, asked.alerts)
            with serving(url) as server:
                cookies = signed_in(server.url)
                load = os.getloadavg()[0]
                print(f"{asked.patients} patients, {asked.alerts} open alerts; load average {load:.1f}")
                headers = {"x-csrftoken": cookies["hearthward_csrf"]}
                with httpx.Client(
                    base_url=server.url, cookies=cookies, headers=headers, timeout=30
                ) as client:
                    first_load(client)
                    one_by_one(server, client, "worklist", [worklist_call()] * 50)
                    one_by_one(server, client, "patient", [patient_call(n) for n in range(1, 51)])
                    one_by_one(server, client, "charts", [charts_call(n) for n in range(1, 51)])
                before = server.cpu_s()
                asyncio.run(crowd(server.url, cookies, asked.nurses, asked.seconds, asked.alerts))
                used = server.cpu_s() - before
                share, memory = used / asked.seconds, server.memory_mb()
                print(f"{'':<18} server used {share:.0%} of one core, {memory:.0f} MB")
                told = asyncio.run(live(server.url, cookies, url, asked.nurses, 20))
                middle = statistics.median(told)
                print(f"alert to {asked.nurses} pages   p50 {middle:.0f} ms, worst {max(told):.0f} ms")
                keys(server.url, cookies, 15)


if __name__ == "__main__":
    main()
