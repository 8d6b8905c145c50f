"""How long a reading takes from the device to the page: what the radio costs, and what the hub costs.

    python -m benchmarks.line [--readings N]

A whole ward, started with `hearthward up`. Instruments measure what is far out of limits, again and again,
while the ward's own script goes on: now and then a good reading comes between two bad ones and nothing is
confirmed. A reading counts when it raises or changes an alert; how many did not is printed, too.

The stages are cut from the processes' own logs by the reading's id, and the end is the event that an open
page receives for that patient's alert. Prints the distribution of each stage over the readings, and the
ratio of the radio's share (measurement to indication) to the hub's (indication to page) in this run.
"""

import argparse
import queue
import re
import statistics
import threading
from contextlib import suppress
from datetime import datetime

import httpx
import orjson

from runtime.clock import utc_now
from tests.harness.waiting import wait_until
from tests.harness.ward import RunningWard, running_ward

# Of several homes, in turn: a gateway lets an instrument rest after its session.
INSTRUMENTS = (
    ("d-b06c5e98", "p-m61xqa", "gw-k38vtd"),
    ("d-9c41e07a", "p-3fkd82", "gw-7q2mx4"),
    ("d-47d9b1f6", "p-m61xqa", "gw-k38vtd"),
    ("d-2b7f16d3", "p-3fkd82", "gw-7q2mx4"),
)
OXIMETERS = frozenset({"d-b06c5e98", "d-9c41e07a"})
# So many readings, for each that is wanted, and no more.
MOST = 4
# A reading whose patient's alert did not change by then did not change it.
SHOWN_WITHIN_S = 5.0
STAGES = ("measured to indicated", "indicated to committed", "committed to page", "indicated to page")

Arrivals = queue.Queue[tuple[str, datetime]]


def main() -> None:
    """Run the benchmark and print its table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readings", type=int, default=100)
    wanted = parser.parse_args().readings
    with running_ward() as ward:
        arrivals: Arrivals = queue.Queue()
        threading.Thread(target=_page, args=(ward, arrivals), daemon=True).start()
        samples: list[tuple[float, ...]] = []
        number = 0
        while len(samples) < wanted and number < MOST * wanted:
            sample = _one(ward, arrivals, number)
            number += 1
            if sample is None:
                continue
            samples.append(sample)
            if len(samples) % 10 == 0:
                print(f"  {len(samples)} of {wanted} readings", flush=True)
    print(f"{number} readings, {number - len(samples)} of them without a change to an alert")
    _report(samples)


def _page(ward: RunningWard, arrivals: Arrivals) -> None:
    """An open page: every event about an alert, with when it came."""
    with httpx.Client(base_url=ward.url, trust_env=False, timeout=None) as client:
        client.post("/sign-in", data={"email": ward.email, "password": ward.password})
        # The stream ends with the ward.
        with suppress(httpx.RemoteProtocolError), client.stream("GET", "/events") as events:
            for line in events.iter_lines():
                if line.startswith("data: "):
                    said = orjson.loads(line.removeprefix("data: "))
                    if said.get("alert"):
                        arrivals.put((said["patient"], utc_now()))


def _one(ward: RunningWard, arrivals: Arrivals, number: int) -> tuple[float, ...] | None:
    _, patient, gateway = INSTRUMENTS[number % len(INSTRUMENTS)]
    while not arrivals.empty():
        arrivals.get_nowait()
    reading_id = _measure(ward, number)
    measured = _logged(ward, "simulate", "measurement taken", reading_id)
    indicated = _logged(ward, gateway, "reading stored", reading_id)
    committed = _logged(ward, "ingest", "reading committed", reading_id)
    shown = _arrival(arrivals, patient, committed)
    if shown is None:
        return None
    instants = ((measured, indicated), (indicated, committed), (committed, shown), (indicated, shown))
    return tuple((later - earlier).total_seconds() for earlier, later in instants)


def _measure(ward: RunningWard, number: int) -> str:
    """The next device measures, worse by turns, so that each reading is news."""
    device, _, gateway = INSTRUMENTS[number % len(INSTRUMENTS)]
    worse = number // len(INSTRUMENTS) % 12
    values = (
        (f"spo2={84 - worse}", "heart_rate=104")
        if device in OXIMETERS
        else (f"systolic={190 + worse}", "diastolic=121", "heart_rate=104")
    )
    reading_id = ward.measure(device, *values)
    _logged(ward, gateway, "reading stored", reading_id)
    return reading_id


def _logged(ward: RunningWard, process: str, phrase: str, reading_id: str) -> datetime:
    line = re.compile(rf"^(\S+Z) .*{phrase} .*{reading_id}", re.MULTILINE)
    found = wait_until(
        lambda: line.search(ward.log_of(process)), deadline_s=60, what=f"{phrase} {reading_id}"
    )
    return datetime.fromisoformat(found[1])


def _arrival(arrivals: Arrivals, patient: str, committed: datetime) -> datetime | None:
    """When the page heard of that patient's alert; news from before the commit is of another reading."""
    while True:
        try:
            whose, at = arrivals.get(timeout=SHOWN_WITHIN_S)
        except queue.Empty:
            return None
        if whose == patient and at >= committed:
            return at


def _report(samples: list[tuple[float, ...]]) -> None:
    print(f"{len(samples)} readings, seconds:")
    print(f"{'stage':26}{'min':>8}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}")
    for stage, values in zip(STAGES, zip(*samples, strict=True), strict=True):
        cuts = statistics.quantiles(values, n=100, method="inclusive")
        row = (min(values), cuts[49], cuts[89], cuts[98], max(values))
        print(f"{stage:26}" + "".join(f"{value:8.3f}" for value in row))
    radio = statistics.median(sample[0] for sample in samples)
    hub = statistics.median(sample[3] for sample in samples)
    print(f"radio (measured to indicated) : hub (indicated to page) = {radio / hub:.1f} : 1, by medians")


if __name__ == "__main__":
    main()
