"""A hundred thousand patients: found by what a nurse types, in any order, and never by reading them all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from store.connection import Connection, connect
from store.roster import PAGE, Order, RosterAsked, RosterRow, roster_count, roster_page
from tests.harness.database import Server
from tests.harness.explained import Plan, explained
from tests.harness.many_patients import add_many_patients
from tests.harness.small_ward import WARD

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MANY = 100_000
ASKED = RosterAsked(ward_id=WARD, limit=PAGE + 1)
# More rows than a page needs and far fewer than there are.
FEW = MANY // 20
LONG_NAME = "Maximiliana-Konstantina Featherstonehaugh-Cholmondeley de la Fuente y Castellanos"

_RENAME = (
    "UPDATE patients SET given_name = %(given)s, family_name = %(family)s WHERE patient_id = %(patient_id)s"
)


@pytest.fixture(scope="module")
def connection(database_server: Server) -> Iterator[Connection]:
    """A large ward, with a few names that are hard to find."""
    with database_server.fresh() as url, connect(url, application="test") as ours:
        add_many_patients(ours, WARD, MANY, now=NOW)
        for patient_id, given, family in (
            ("p-10", "Inés", "Quiñónez-Ávila"),
            ("p-20", "<script>window.broken = true</script>", "O'Neill & Sons"),
            ("p-30", *LONG_NAME.split(" ", 1)),
            ("p-40", "100%", "Under_score"),
        ):
            ours.execute(_RENAME, {"given": given, "family": family, "patient_id": patient_id})
        ours.execute("UPDATE patients SET discharged_at = now() WHERE patient_id = 'p-50'")
        ours.execute("VACUUM ANALYZE patients")
        yield ours


def found(connection: Connection, search: str, **more: object) -> list[str]:
    rows = roster_page(connection, replace(ASKED, search=search, **more), NOW)  # type: ignore[arg-type]
    return [row.patient_id for row in rows]


@pytest.mark.parametrize(
    ("typed", "patient_id"),
    [
        ("quiñónez", "p-10"),
        ("QUINONEZ avila", "p-10"),
        ("avila ines", "p-10"),
        ("iñonez", "p-10"),
        ("<script>", "p-20"),
        ("o'neill & sons", "p-20"),
        (LONG_NAME, "p-30"),
        ("cholmondeley", "p-30"),
        ("max ca", "p-30"),
        ("100% under_", "p-40"),
        ("MRN 107919", "p-1"),
        ("107919", "p-1"),
    ],
)
def test_a_patient_is_found_by_what_is_typed(connection: Connection, typed: str, patient_id: str) -> None:
    assert patient_id in found(connection, typed)


def test_signs_of_the_database_mean_themselves(connection: Connection) -> None:
    assert found(connection, "100%") == ["p-40"]
    assert found(connection, "r_sc") == ["p-40"]
    assert found(connection, "\\") == []


def test_one_or_two_letters_are_the_beginning_of_the_family_name(connection: Connection) -> None:
    for typed in ("q", "qu", "QÚ"):
        assert "p-10" in found(connection, typed)
    rows = roster_page(connection, replace(ASKED, search="mu"), NOW)
    assert {row.family_name[:2] for row in rows} == {"Mu"}
    rows = roster_page(connection, replace(ASKED, search="zo mu"), NOW)
    assert {(row.given_name, row.family_name[:2]) for row in rows} == {("Zoë", "Mu")}


def test_whoever_was_discharged_is_not_found(connection: Connection) -> None:
    rows = connection.execute("SELECT record_number FROM patients WHERE patient_id = 'p-50'").fetchone()
    assert rows is not None
    assert found(connection, rows[0]) == []


def walk(connection: Connection, asked: RosterAsked, pages: int) -> list[RosterRow]:
    rows: list[RosterRow] = []
    for _ in range(pages):
        page = roster_page(connection, asked, NOW)
        rows += page[:PAGE]
        asked = replace(asked, after=tuple(page[PAGE - 1].place))
    return rows


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_follow_each_other_without_a_hole_in_every_order(
    connection: Connection, order: Order, descending: bool
) -> None:
    asked = replace(ASKED, order=order, descending=descending)
    walked = walk(connection, asked, 4)
    at_once = roster_page(connection, replace(asked, limit=4 * PAGE), NOW)
    assert [row.patient_id for row in walked] == [row.patient_id for row in at_once]
    assert len({row.patient_id for row in walked}) == 4 * PAGE
    places = [row.place for row in walked]
    assert places == sorted(places, reverse=descending)


def page_plan(plans: list[Plan]) -> Plan:
    return next(plan for plan in plans if "WITH page" in plan.query)


@pytest.mark.parametrize(
    ("order", "index"),
    [
        (Order.NAME, "patients_by_name"),
        (Order.RECORD_NUMBER, "patients_by_record"),
        (Order.ENROLLED, "patients_by_enrolment"),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
def test_any_page_in_any_order_reads_one_page_of_an_index(
    connection: Connection, order: Order, index: str, descending: bool
) -> None:
    asked = replace(ASKED, order=order, descending=descending)
    deep = roster_page(connection, replace(asked, limit=MANY // 2), NOW)[-1].place
    for after in (None, tuple(deep)):
        with explained(connection) as plans:
            rows = roster_page(connection, replace(asked, after=after), NOW)
        assert len(rows) == PAGE + 1
        plan = page_plan(plans)
        assert plan.rows_of(index) <= PAGE + 2
        assert not plan.has("Seq Scan", of="patients")


@pytest.mark.parametrize(
    ("typed", "index"),
    [
        ("quiñónez", "patients_search"),
        ("avila ines", "patients_search"),
        ("07919", "patients_search"),
        ("mu", "patients_by_name"),
        ("q", "patients_by_name"),
        ("zzz nobody", "patients_search"),
        ("zq", "patients_by_name"),
        ("zo mu", "patients_by_name"),
        ("9", "patients_by_record"),
    ],
)
def test_a_search_reads_an_index_and_never_all_patients(
    connection: Connection, typed: str, index: str
) -> None:
    with explained(connection) as plans:
        roster_page(connection, replace(ASKED, search=typed), NOW)
        roster_count(connection, WARD, search=typed)
    assert page_plan(plans).reads(index)
    for plan in plans:
        assert not plan.has("Seq Scan", of="patients")
        for node in plan.nodes():
            if node.get("Relation Name") == "patients":
                assert node["Actual Rows"] + node.get("Rows Removed by Filter", 0) <= FEW


def test_a_count_stops_at_a_thousand(connection: Connection) -> None:
    assert roster_count(connection, WARD) == 1001
    assert roster_count(connection, WARD, search="quiñónez") == len(found(connection, "quiñónez"))
