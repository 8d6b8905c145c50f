"""The worklist on two thousand open alerts: the right rows in the right order, read from an index."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store.connection import Connection, connect
from store.worklist import PAGE, Asked, Show, Worklist, worklist
from tests.harness.database import Server
from tests.harness.explained import explained
from tests.harness.many_patients import add_many_patients, add_open_alerts
from tests.harness.small_ward import WARD
from vitals.alert import Priority
from vitals.ids import StaffId

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
OPEN = 2000
ASKED = Asked(ward_id=WARD, staff_id=StaffId("s-me"), limit=PAGE + 1)


@pytest.fixture(scope="module")
def connection(database_server: Server) -> Iterator[Connection]:
    """Four thousand patients, every other one with an alert; every tenth has three."""
    with database_server.fresh() as url, connect(url, application="test") as ours:
        add_many_patients(ours, WARD, 4000, now=NOW)
        add_open_alerts(ours, OPEN, now=NOW)
        ours.execute("ANALYZE")
        yield ours


def pages(connection: Connection, asked: Asked) -> Iterator[Worklist]:
    while True:
        found = worklist(connection, asked, NOW)
        yield found
        if len(found.rows) <= PAGE:
            return
        asked = replace(asked, after=found.rows[PAGE - 1].place)


def test_forty_pages_hold_each_patient_once_most_pressing_first_then_oldest(connection: Connection) -> None:
    rows = [row for page in pages(connection, ASKED) for row in page.rows[:PAGE]]
    assert len(rows) == OPEN
    assert len({row.patient_id for row in rows}) == OPEN
    places = [(-row.priority.rank, row.raised_at, row.alert_id) for row in rows]
    assert places == sorted(places)
    assert sum(row.more for row in rows) == 2 * OPEN // 10


def test_the_counts_are_those_of_the_rows_whatever_page_or_section_is_shown(connection: Connection) -> None:
    rows = [row for page in pages(connection, ASKED) for row in page.rows[:PAGE]]
    first = worklist(connection, ASKED, NOW)
    assert sum(first.counts.values()) == OPEN
    assert first.counts == {priority: sum(row.priority is priority for row in rows) for priority in Priority}
    low = replace(ASKED, priority=Priority.LOW)
    section = [row for page in pages(connection, low) for row in page.rows[:PAGE]]
    assert len(section) == first.counts[Priority.LOW]
    assert worklist(connection, low, NOW).counts == first.counts


def test_a_snoozed_alert_is_counted_apart_and_comes_back_when_its_time_is_up(connection: Connection) -> None:
    (chosen, *_) = worklist(connection, ASKED, NOW).rows
    with connection.transaction(force_rollback=True):
        connection.execute(
            "UPDATE alerts SET snoozed_until = %(until)s WHERE alert_id = %(alert_id)s",
            {"until": NOW + timedelta(hours=1), "alert_id": chosen.alert_id},
        )
        found = worklist(connection, ASKED, NOW)
        assert chosen.alert_id not in [row.alert_id for row in found.rows]
        assert found.snoozed == 1
        aside = worklist(connection, replace(ASKED, show=Show.SNOOZED), NOW)
        assert [row.alert_id for row in aside.rows] == [chosen.alert_id]
        assert sum(aside.counts.values()) == aside.snoozed == 1
        later = worklist(connection, ASKED, NOW + timedelta(hours=2))
        assert later.rows[0].alert_id == chosen.alert_id


def test_mine_unseen_and_a_search_filter_rows_and_counts_alike(connection: Connection) -> None:
    rows = worklist(connection, ASKED, NOW).rows
    with connection.transaction(force_rollback=True):
        connection.execute(
            "UPDATE alerts SET owner = 's-me', acknowledged_at = %(now)s WHERE alert_id = ANY(%(ids)s)",
            {"now": NOW, "ids": [row.alert_id for row in rows[:3]]},
        )
        mine = worklist(connection, replace(ASKED, show=Show.MINE), NOW)
        assert [row.alert_id for row in mine.rows] == [row.alert_id for row in rows[:3]]
        assert sum(mine.counts.values()) == 3
        # Whoever of the three has another alert that nobody saw is still among those not seen.
        left = [row.alert_id for row in rows[:3] if row.others] + [row.alert_id for row in rows[3:]]
        unseen = worklist(connection, replace(ASKED, show=Show.UNSEEN), NOW)
        assert sum(unseen.counts.values()) == OPEN - 3 + sum(bool(row.others) for row in rows[:3])
        assert [row.alert_id for row in unseen.rows[: PAGE - 3]] == left[: PAGE - 3]
    name = f"{rows[5].family_name.upper()} {rows[5].given_name[:2]}"
    found = worklist(connection, replace(ASKED, search=name), NOW)
    assert rows[5].patient_id in [row.patient_id for row in found.rows]
    assert len(found.rows) == sum(found.counts.values()) < OPEN / 10


def test_a_page_begins_at_its_place_in_the_index_and_sorts_nothing(connection: Connection) -> None:
    deep = [page.rows[PAGE - 1].place for page in pages(connection, ASKED) if len(page.rows) > PAGE][20]
    for asked in (ASKED, replace(ASKED, after=deep), replace(ASKED, priority=Priority.MEDIUM, after=deep)):
        with explained(connection) as plans:
            worklist(connection, asked, NOW)
        page = next(plan for plan in plans if plan.reads("alerts_worklist")).part("CTE page")
        assert not page.has("Sort")
        assert page.rows_of("alerts_worklist") <= 2 * PAGE + len(Priority)
        assert not page.has("Seq Scan", of="patients")


def test_sparklines_are_ranges_of_the_primary_key(connection: Connection) -> None:
    with explained(connection) as plans:
        worklist(connection, ASKED, NOW)
    sparks = next(plan for plan in plans if plan.reads("observations_pkey"))
    assert not sparks.has("Seq Scan", of="observations")
