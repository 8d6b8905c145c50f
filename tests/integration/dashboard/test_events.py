"""Live events: what is committed reaches every open page; a heartbeat says when the rules last ran."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from runtime.clock import utc_now
from store import troubles
from tests.harness.desk import QUIET, STRANGER, Dashboard, raise_alert
from tests.harness.small_ward import WARD
from vitals.alert import Priority

Event = tuple[str, dict[str, object]]


@contextmanager
def listening(client: httpx.Client) -> Iterator["queue.Queue[Event]"]:
    """The events of one open page, as they come."""
    events: queue.Queue[Event] = queue.Queue()
    stop = threading.Event()

    def read(answer: httpx.Response) -> None:
        name = ""
        try:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    events.put((name, json.loads(line[6:])))
                if stop.is_set():
                    return
        except httpx.HTTPError:
            return

    with client.stream("GET", "/events", timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        thread = threading.Thread(target=read, args=(answer,), daemon=True)
        thread.start()
        yield events
        stop.set()


def next_of(events: "queue.Queue[Event]", name: str) -> dict[str, object]:
    """The next event of that name; raises queue.Empty after ten seconds without any."""
    while True:
        kind, data = events.get(timeout=10)
        if kind == name:
            return data


def test_an_alert_is_told_to_every_page_once_it_is_committed(dashboard: Dashboard) -> None:
    with (
        dashboard.sign_in() as one,
        dashboard.sign_in() as other,
        listening(one) as first,
        listening(other) as second,
        dashboard.database() as connection,
    ):
        next_of(first, "beat"), next_of(second, "beat")
        with connection.transaction():
            alert_id = raise_alert(connection, QUIET, Priority.LOW, utc_now(), problem="live_event")
            assert not [event for event in list(first.queue) if event[0] == "change"]
        for events in (first, second):
            assert next_of(events, "change") == {"alert": alert_id, "patient": QUIET}


def test_the_heartbeat_says_when_the_rules_last_ran(dashboard: Dashboard) -> None:
    with dashboard.sign_in() as client, listening(client) as events:
        beat = next_of(events, "beat")
        while not beat["database"]:
            beat = next_of(events, "beat")
        watch = beat["watch"]
        assert isinstance(watch, dict)
        assert set(watch["beats"]) == {"alerts", "ingest"}
        assert (watch["channels"], watch["failed"], watch["unstaffed"], watch["offline"]) == ([], 0, None, 0)


def test_what_is_in_trouble_is_told_to_the_ward_that_has_it(dashboard: Dashboard) -> None:
    with (
        dashboard.sign_in() as ours,
        dashboard.sign_in(STRANGER) as theirs,
        listening(ours) as here,
        listening(theirs) as elsewhere,
        dashboard.database() as connection,
    ):
        now = utc_now()
        troubles.note_staffing(connection, WARD, ["nurse", "lead"], nobody=True, now=now)
        try:
            while not (watch := next_of(here, "beat")["watch"])["unstaffed"]:  # type: ignore[index]
                pass
            assert watch["unstaffed"] == {
                "duties": ["nurse", "lead"],
                "nobody": True,
                "since": now.isoformat(),
            }  # type: ignore[index]
            while (watch := next_of(elsewhere, "beat")["watch"]) is None:
                pass
            assert watch["unstaffed"] is None  # type: ignore[index]
        finally:
            troubles.note_staffing(connection, WARD, [], nobody=False, now=now)
