"""Fifty nurses at once: their actions, and how soon a new alert is in all their lists."""

import asyncio
import json
import time
from collections.abc import Mapping

import httpx

from benchmarks.dashboard.page import Page
from benchmarks.dashboard.server import CALLBACK, WORKLIST, patient_call
from runtime.clock import utc_now
from store.connection import Connection, connect, transaction
from tests.harness.desk import GAIN, raise_alert
from vitals.alert import Priority
from vitals.ids import AlertId, PatientId

EVERY_S = 5.0
# What the page waits after a live event, so that several are one question (assets/live.js).
_GATHERED_S = 0.25


def client(url: str, cookies: Mapping[str, str], nurses: int) -> httpx.AsyncClient:
    """All nurses' browsers in one."""
    return httpx.AsyncClient(
        base_url=url,
        cookies=dict(cookies),
        headers={"x-csrftoken": cookies["hearthward_csrf"]},
        limits=httpx.Limits(max_connections=nurses * 3),
        timeout=30,
    )


async def actions(
    url: str, cookies: Mapping[str, str], nurses: int, seconds: float, alerts: int
) -> dict[str, list[float]]:
    """Milliseconds of each answer, while every nurse asks for a patient and the list every five seconds."""
    latencies: dict[str, list[float]] = {"worklist": [], "patient": []}
    async with client(url, cookies, nurses) as browsers:

        async def timed(name: str, path: str, call: object) -> None:
            began = time.perf_counter()
            (await browsers.post(path, json=call)).raise_for_status()
            latencies[name].append((time.perf_counter() - began) * 1000)

        async def nurse(number: int) -> None:
            await asyncio.sleep(EVERY_S * number / nurses)
            end = time.perf_counter() + seconds
            step = 0
            while time.perf_counter() < end:
                began = time.perf_counter()
                await timed("patient", CALLBACK, patient_call(1 + (number * 37 + step) % alerts))
                await timed("worklist", WORKLIST, {})
                step += 1
                await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - began)))

        await asyncio.gather(*(nurse(number) for number in range(nurses)))
    return latencies


async def news(
    url: str, cookies: Mapping[str, str], database_url: str, pages: int, rounds: int
) -> list[float]:
    """For each round the milliseconds from an alert's commit until the last page's list has it.

    Each page does what assets/live.js does: it hears the event, waits a moment and asks for the list.
    """
    has_it: asyncio.Queue[int] = asyncio.Queue()
    listening = asyncio.Semaphore(0)

    async def nurse() -> None:
        page = Page(url, cookies)
        try:
            async for event in page.events():
                alert_id = json.loads(event).get("alert")
                if alert_id is None:
                    listening.release()  # the heartbeat: this page hears
                    continue
                await asyncio.sleep(_GATHERED_S)
                if f'"id":{alert_id},'.encode() in await page.post(WORKLIST, b"{}"):
                    has_it.put_nowait(alert_id)
        finally:
            page.close()

    tasks = [asyncio.create_task(nurse()) for _ in range(pages)]
    for _ in range(pages):
        await listening.acquire()
    found: list[float] = []
    with connect(database_url, application="benchmark") as connection:
        for number in range(rounds):
            alert_id, committed = await asyncio.to_thread(_raise_urgent, connection, number)
            left = pages
            while left:
                left -= await asyncio.wait_for(has_it.get(), 15) == alert_id
            found.append((time.perf_counter() - committed) * 1000)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


def _raise_urgent(connection: Connection, number: int) -> tuple[AlertId, float]:
    # A patient of their own for each: the list has one row a patient.
    with transaction(connection):
        alert_id = raise_alert(
            connection, PatientId(f"p-{9000 + number}"), Priority.HIGH, utc_now(), GAIN, problem="live"
        )
    return alert_id, time.perf_counter()
