"""The list that a ward asks for at one moment is built once, and is never another's nor an older one."""

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from runtime.clock import utc_now
from store.connection import Connection
from tests.harness.desk import QUIET, SARA, STRANGER, TOM, Dashboard, alert_of_toms, raise_alert
from tests.harness.waiting import wait_until
from vitals.alert import Priority
from vitals.ids import AlertId

_LIST = "/api/worklist"
_CLOSE = "UPDATE alerts SET closed_at = now(), outcome = 'acted' WHERE alert_id = %s"
_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'hearthward-dashboard' AND wait_event_type = 'Lock'
"""
_ASKING = 8


@pytest.fixture
def toms_alert(dashboard: Dashboard) -> Iterator[AlertId]:
    """Quentin Quiet's only open alert, a routine one that Tom has."""
    with alert_of_toms(dashboard, QUIET, Priority.LOW) as alert_id:
        yield alert_id


@contextmanager
def reads_held(dashboard: Dashboard, count: int) -> Iterator[None]:
    """What the block asks for is read only at its end, once `count` reads have come to the database."""
    with dashboard.database() as holding, dashboard.database() as looking, holding.transaction():
        holding.execute("LOCK TABLE alerts IN ACCESS EXCLUSIVE MODE")
        yield
        wait_until(lambda: _count(looking) >= count, what=f"{count} lists are being read")


def _count(connection: Connection) -> int:
    row = connection.execute(_WAITING).fetchone()
    assert row is not None
    return int(row[0])


def test_nurses_of_one_moment_share_a_list_within_their_ward_language_and_question(
    dashboard: Dashboard, toms_alert: AlertId
) -> None:
    with ExitStack() as stack:
        people = {
            "sara": stack.enter_context(dashboard.sign_in(SARA)),
            "spanish": stack.enter_context(dashboard.sign_in(SARA)),
            "tom": stack.enter_context(dashboard.sign_in(TOM)),
            "stranger": stack.enter_context(dashboard.sign_in(STRANGER)),
        }
        people["spanish"].cookies.set("hearthward_language", "es")
        asked = [
            ("sara", {}), ("spanish", {}), ("stranger", {}),
            ("sara", {"show": "mine"}), ("tom", {"show": "mine"}),
        ]  # fmt: skip
        pool = stack.enter_context(ThreadPoolExecutor(len(asked) * _ASKING))
        with reads_held(dashboard, len(asked)):
            waiting = [
                [pool.submit(people[who].post, _LIST, json=query) for _ in range(_ASKING)]
                for who, query in asked
            ]
        lists = [[future.result().raise_for_status().json() for future in futures] for futures in waiting]
    ours, spanish, theirs, saras, toms = lists
    for answers in lists:
        assert all(answer["rows"] == answers[0]["rows"] for answer in answers)
        # The first who asked were read for at once; all who came while that read ran share the second one.
        assert len({answer["now"] for answer in answers}) <= 2
    assert {row["name"] for row in ours[0]["rows"]} >= {"Dorothy Rahman", "Kwame Roberts", "Quentin Quiet"}
    assert theirs[0]["rows"] == []
    assert theirs[0]["total"] == 0
    assert [row["id"] for row in ours[0]["rows"]] == [row["id"] for row in spanish[0]["rows"]]
    assert ours[0]["rows"][0]["about"].startswith("Female")
    assert spanish[0]["rows"][0]["about"].startswith("Mujer")
    assert saras[0]["rows"] == []
    assert [row["id"] for row in toms[0]["rows"]] == [toms_alert]
    quiet = next(row for row in ours[0]["rows"] if row["name"] == "Quentin Quiet")
    assert quiet["owner"] == {"id": TOM.staff_id, "name": "Tom Becker", "initials": "TB"}


def test_a_list_is_never_older_than_the_change_that_asked_for_it(dashboard: Dashboard) -> None:
    stop = threading.Event()

    def ask_without_end(client: httpx.Client) -> int:
        count = 0
        while not stop.is_set():
            client.post(_LIST, json={}).raise_for_status()
            count += 1
        return count

    with (
        ThreadPoolExecutor(4) as pool,
        dashboard.sign_in() as sara,
        dashboard.sign_in(TOM) as tom,
        dashboard.database() as connection,
    ):
        # Somebody's read is nearly always running when the change comes.
        others = [pool.submit(ask_without_end, client) for client in (tom, tom, tom)]
        try:
            for number in range(25):
                alert_id = raise_alert(
                    connection, QUIET, Priority.HIGH, utc_now(), ago_minutes=600, problem=f"news_{number}"
                )
                ids = [row["id"] for row in sara.post(_LIST, json={}).json()["rows"]]
                assert alert_id in ids, f"round {number}"
                connection.execute(_CLOSE, [alert_id])
                ids = [row["id"] for row in sara.post(_LIST, json={}).json()["rows"]]
                assert alert_id not in ids, f"round {number}"
        finally:
            stop.set()
        assert min(future.result() for future in others) > 0


def test_the_page_may_have_its_list_compressed_and_a_program_plain(sara: httpx.Client) -> None:
    with sara.stream("POST", _LIST, json={}, headers={"accept-encoding": "gzip"}) as answer:
        sent = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == "gzip"
    plain = sara.post(_LIST, json={}, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert b'"rows":' in gzip.decompress(sent)
    assert len(sent) < len(plain.content) / 2


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"show"'])
def test_a_question_that_is_none_is_refused_in_words(sara: httpx.Client, body: bytes) -> None:
    answer = sara.post(_LIST, content=body)
    assert answer.status_code == 422
    assert "JSON object" in answer.json()["error"]


def test_a_list_needs_a_session_and_our_own_header_and_a_signed_out_one_gets_none(
    dashboard: Dashboard,
) -> None:
    assert httpx.post(dashboard.url + _LIST, json={}).status_code == 401
    with dashboard.sign_in() as client:
        cookies, word = dict(client.cookies), client.headers["x-csrftoken"]
        with httpx.Client(base_url=dashboard.url, cookies=cookies) as bare:
            assert bare.post(_LIST, json={}).status_code == 403
            assert bare.post(_LIST, json={}, headers={"x-csrftoken": word}).status_code == 200
            assert client.post("/sign-out").status_code == 204
            assert bare.post(_LIST, json={}, headers={"x-csrftoken": word}).status_code == 401


def test_a_live_list_does_not_keep_an_idle_session(dashboard: Dashboard) -> None:
    with dashboard.sign_in(TOM) as client, dashboard.database() as connection:
        seen = "SELECT max(seen_at) FROM sessions WHERE staff_id = 's-tom'"
        connection.execute("UPDATE sessions SET seen_at = seen_at - interval '14 minutes'")
        before = connection.execute(seen).fetchone()
        assert client.post(_LIST, json={}).status_code == 200
        assert connection.execute(seen).fetchone() == before
