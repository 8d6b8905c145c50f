"""The one table: every route has its line, and what has none is refused."""

import re

import pytest
from starlette.routing import Route

from alerts.clinic.patient_words import shipped
from dashboard.access import RULES, Audience, known_path, rule_for
from dashboard.api.alerts import alert_routes
from dashboard.api.assignments import assignment_routes
from dashboard.api.equipment import equipment_routes
from dashboard.api.patients import limit_routes, patient_routes
from dashboard.api.worklist import worklist_routes
from dashboard.events import Fanout, event_routes
from dashboard.first_sign_in import first_sign_in_routes
from dashboard.me import patient_page_routes
from dashboard.me_pages import Pages
from dashboard.me_sign_in import patient_sign_in_routes
from dashboard.me_typed_in import typed_in_routes
from dashboard.sign_in import sign_in_routes
from tests.unit.dashboard.desks import unplugged_desk

_SAMPLES = {
    "alert_id": "12",
    "patient_id": "p-anna",
    "reading_id": "abc123",
    "quarantine_id": "7",
    "device_id": "d-1",
    "end_id": "7",
    "kind": "weight",
    "link": "abc123",
    "ask_id": "7",
    "token": "abcdefghijklmnopqrstuvwxyz",
}
_DEEDS = {"alerts": "close", "readings": "exclude", "quarantine": "release"}


def routes() -> list[Route]:
    desk = unplugged_desk()
    pages = Pages(shipped(), "112")
    routers = (
        sign_in_routes(desk),
        first_sign_in_routes(desk),
        event_routes(desk, Fanout(desk)),
        worklist_routes(desk),
        alert_routes(desk),
        limit_routes(desk),
        patient_routes(desk),
        patient_page_routes(desk, pages),
        patient_sign_in_routes(desk, pages),
        typed_in_routes(desk, pages),
        equipment_routes(desk),
        assignment_routes(desk),
    )
    return [route for router in routers for route in router.routes if isinstance(route, Route)]


def sample(path: str) -> str:
    deed = next((word for part, word in _DEEDS.items() if f"/{part}/" in path), "")
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda place: {**_SAMPLES, "deed": deed}[place[1]], path)


def test_every_route_has_a_line_in_the_table() -> None:
    every = routes()
    assert len(every) >= 8
    for route in every:
        for method in route.methods or ():
            assert rule_for(sample(route.path), method) is not None, (method, route.path)


@pytest.mark.parametrize(
    "path",
    [
        "/app/alerts/12/x",
        "/app/alerts/-1",
        "/app/_dash-ws-callback",
        "/app/_reload-hash",
        "/api/alerts/12/delete",
        "/static/../settings.py",
        "/static/a/b",
        "/app",
        "//",
        "/openapi.json",
        "/healthz/",
        "/app/alerts/" + "9" * 30,
    ],
)
def test_what_is_not_in_the_table_is_refused(path: str) -> None:
    assert rule_for(path, "GET") is None


def test_only_sign_in_health_and_static_files_are_for_anyone() -> None:
    public = {rule.path for rule in RULES if rule.audience is Audience.ANYONE}
    patients = {r"/me/sign-in", r"/me/code", r"/me/to/[A-Za-z0-9_-]{1,60}"}
    first = r"/first-sign-in/[A-Za-z0-9_-]{20,60}"
    assert public == {r"/healthz", r"/sign-in", first, r"/static/[a-z0-9_.-]+", *patients}


def test_no_two_lines_speak_of_the_same_path_and_method() -> None:
    for route in routes():
        for method in route.methods or ():
            lines = [rule for rule in RULES if method in rule.methods and rule.matches(sample(route.path))]
            assert len(lines) == 1, route.path


def test_a_known_path_is_told_from_an_unknown_one() -> None:
    assert known_path("/api/alerts")
    assert not known_path("/api/typo")
