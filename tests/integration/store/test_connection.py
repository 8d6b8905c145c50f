"""Connections, transactions, the pool and notifications, against a real PostgreSQL."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice

import psycopg
import pytest

from store.connection import borrow, connect, listen, pool, transaction
from store.errors import DataRefused, StoreBusy, StoreUnavailable

TICK = timedelta(milliseconds=50)


def test_a_session_is_in_utc_and_names_its_process(database_url: str) -> None:
    with connect(database_url, application="ingest") as connection:
        row = connection.execute(
            "SELECT current_setting('TimeZone'), current_setting('application_name'), now()"
        ).fetchone()
    assert row is not None
    assert row[:2] == ("UTC", "hearthward-ingest")
    assert row[2].utcoffset() == timedelta(0)
    assert abs(row[2] - datetime.fromtimestamp(datetime.timestamp(row[2]), UTC)) < timedelta(seconds=1)


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match="not available"):
        connect("postgresql://nobody@127.0.0.1:1/none", application="test")


def test_what_breaks_a_rule_of_the_schema_is_refused_and_names_the_rule(database_url: str) -> None:
    with (
        connect(database_url, application="test") as connection,
        pytest.raises(DataRefused) as refused,
        transaction(connection),
    ):
        connection.execute(
            "INSERT INTO heartbeats (process, beat_at) VALUES (%(p)s, now()), (%(p)s, now())", {"p": "twice"}
        )
    assert refused.value.constraint == "heartbeats_pkey"
    assert "twice" not in str(refused.value)


def test_a_text_that_postgres_cannot_hold_is_refused(database_url: str) -> None:
    with (
        connect(database_url, application="test") as connection,
        pytest.raises(DataRefused),
        transaction(connection),
    ):
        connection.execute("SELECT %(text)s::text", {"text": "nul\x00"})


def test_a_statement_that_takes_too_long_is_unavailable_and_a_mistake_in_sql_stays_as_it_is(
    database_url: str,
) -> None:
    with connect(database_url, application="test", statement_timeout=TICK) as connection:
        with pytest.raises(StoreUnavailable) as slow, transaction(connection):
            connection.execute("SELECT pg_sleep(5)")
        assert slow.value.sqlstate == "57014"
        with pytest.raises(psycopg.errors.UndefinedTable), transaction(connection):
            connection.execute("SELECT 1 FROM no_such_table")


def test_whoever_holds_a_row_is_waited_for_so_long_and_cut_off_where_they_hang(database_url: str) -> None:
    holds = "INSERT INTO heartbeats (process, beat_at) VALUES ('held', now())"
    with (
        connect(database_url, application="hangs", idle_in_transaction=10 * TICK) as hanging,
        connect(database_url, application="waits", lock_timeout=TICK) as waiting,
        connect(database_url, application="patient") as patient,
    ):
        hanging.execute("BEGIN")
        hanging.execute(holds)
        with pytest.raises(StoreBusy), transaction(waiting):
            waiting.execute(holds)
        assert waiting.execute("SELECT 1").fetchone() == (1,), "the connection is whole"
        patient.execute(holds)  # waits until the other one is cut off
        with pytest.raises(StoreUnavailable):
            hanging.execute("SELECT 1")
        assert patient.execute("SELECT count(*) FROM heartbeats").fetchone() == (1,)


def test_a_failed_transaction_leaves_nothing_behind(database_url: str) -> None:
    with connect(database_url, application="test") as connection:
        with suppress(DataRefused), transaction(connection):
            connection.execute("INSERT INTO heartbeats (process, beat_at) VALUES ('ingest', now())")
            connection.execute("INSERT INTO heartbeats (process, beat_at) VALUES ('alerts', NULL)")
        assert connection.execute("SELECT count(*) FROM heartbeats").fetchone() == (0,)


def test_a_borrowed_connection_commits_and_survives_its_session_being_ended(database_url: str) -> None:
    with pool(database_url, application="test", max_size=1) as connections:
        with borrow(connections) as connection:
            connection.execute("INSERT INTO heartbeats (process, beat_at) VALUES ('ingest', now())")
            pid = connection.info.backend_pid
        with connect(database_url, application="test") as other:
            other.execute("SELECT pg_terminate_backend(%(pid)s, 5000)", {"pid": pid})
        with borrow(connections) as connection:
            assert connection.execute("SELECT count(*) FROM heartbeats").fetchone() == (1,)


def test_a_pool_without_a_free_connection_is_unavailable(database_url: str) -> None:
    with (
        pool(database_url, application="test", max_size=1, timeout=TICK) as connections,
        borrow(connections),
        pytest.raises(StoreUnavailable),
        borrow(connections),
    ):
        pass


def test_a_listener_wakes_on_its_channel_at_once_and_on_every_tick_without(database_url: str) -> None:
    with (
        connect(database_url, application="test") as ours,
        connect(database_url, application="test") as theirs,
    ):
        woken = listen(ours, "evaluations_due", "ward_changed", tick=TICK)
        assert next(woken) == ()
        theirs.execute("SELECT pg_notify('ward_changed', 'alert:1:p-1')")
        heard = [notification for _ in range(20) for notification in next(woken)]
        assert [(n.channel, n.payload) for n in heard] == [("ward_changed", "alert:1:p-1")]


def test_a_listener_whose_connection_is_lost_says_so(database_url: str) -> None:
    with (
        connect(database_url, application="test") as ours,
        connect(database_url, application="test") as theirs,
    ):
        woken = listen(ours, "evaluations_due", tick=TICK)
        next(woken)
        theirs.execute("SELECT pg_terminate_backend(%(pid)s, 5000)", {"pid": ours.info.backend_pid})
        with pytest.raises(StoreUnavailable):
            list(islice(woken, 100))
