"""What programs can do: read the worklist, act on an alert, and learn that somebody was quicker."""

from dataclasses import replace

import httpx
import pytest

from runtime.clock import utc_now
from store import alerts as stored_alerts
from store.staff import Role, add_staff, hash_password
from tests.harness.desk import LONG_NAME, PASSWORD, QUIET, TOM, Dashboard, raise_alert
from vitals.alert import Priority
from vitals.ids import AlertId, StaffId


@pytest.fixture
def alert_id(dashboard: Dashboard, request: pytest.FixtureRequest) -> AlertId:
    """A fresh open alert of this test's own."""
    with dashboard.database() as connection:
        return raise_alert(connection, QUIET, Priority.MEDIUM, utc_now(), problem=request.node.name)


def test_the_worklist_is_most_pressing_first_then_oldest_with_one_row_a_patient(
    sara: httpx.Client, alert_id: AlertId
) -> None:
    rows = sara.get("/api/alerts").json()["rows"]
    ranks = [{"high": 3, "medium": 2, "low": 1}[row["priority"]] for row in rows]
    assert ranks == sorted(ranks, reverse=True)
    assert [row["name"] for row in rows][:2] == ["Dorothy Rahman", "Kwame Roberts"]
    assert len({row["patient"] for row in rows}) == len(rows)
    assert LONG_NAME in [row["name"] for row in rows]
    assert alert_id


def test_a_sparkline_has_a_value_a_day_and_leaves_gaps(sara: httpx.Client) -> None:
    dorothy = sara.get("/api/alerts", params={"search": "rahman"}).json()["rows"][0]
    assert len(dorothy["spark"]) == 14
    # She weighed herself a while ago: that was yesterday, soon after midnight.
    assert 82.4 in dorothy["spark"][-2:]
    assert [value for value in dorothy["spark"] if value is not None][-1] == 82.4
    assert dorothy["spark"].count(None) >= 4


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"search": "KWAME"}, ["Kwame Roberts"]),
        ({"search": "mrn-p-kwame"}, ["Kwame Roberts"]),
        ({"search": "100%"}, []),
        ({"priority": "high"}, ["Dorothy Rahman", "Kwame Roberts"]),
        ({"show": "snoozed"}, []),
        ({"show": "nonsense", "priority": "nonsense", "search": "roberts"}, ["Kwame Roberts"]),
    ],
)
def test_the_worklist_is_filtered(sara: httpx.Client, asked: dict[str, str], names: list[str]) -> None:
    assert [row["name"] for row in sara.get("/api/alerts", params=asked).json()["rows"]] == names


def test_acknowledge_note_close_and_undo_move_the_revision(sara: httpx.Client, alert_id: AlertId) -> None:
    path = f"/api/alerts/{alert_id}"
    acknowledged = sara.post(f"{path}/acknowledge", json={"rev": 1}).json()
    assert (acknowledged["owner"], acknowledged["rev"]) == ("s-sara", 2)
    assert sara.post(f"{path}/note", json={"rev": 2, "text": "Rang, will weigh again."}).json()["rev"] == 3
    closed = sara.post(f"{path}/close", json={"rev": 3, "outcome": "acted"}).json()
    assert closed["outcome"] == "acted"
    assert sara.post(f"{path}/undo", json={"rev": 4}).json()["closed_at"] is None


def test_whoever_comes_second_is_told_who_was_first(
    dashboard: Dashboard, sara: httpx.Client, alert_id: AlertId
) -> None:
    with dashboard.sign_in(TOM) as tom:
        assert tom.post(f"/api/alerts/{alert_id}/acknowledge", json={"rev": 1}).status_code == 200
    late = sara.post(f"/api/alerts/{alert_id}/acknowledge", json={"rev": 1})
    assert late.status_code == 409
    assert late.json()["error"].startswith("Tom Becker acknowledged this ")
    with dashboard.database() as connection:
        alert = stored_alerts.get(connection, alert_id)
        assert alert is not None
        assert alert.owner == "s-tom"


@pytest.mark.parametrize(
    ("deed", "body", "status"),
    [
        ("close", {"rev": 1}, 422),
        ("close", {"rev": 1, "outcome": "whatever"}, 422),
        ("note", {"rev": 1, "text": ""}, 422),
        ("note", {"text": "no revision"}, 422),
        ("snooze", {"rev": 1, "minutes": 100_000, "reason": "x"}, 422),
        ("escalate", {"rev": 1, "to": "s-nobody"}, 422),
        ("accept", {"rev": 1}, 422),
        ("frobnicate", {"rev": 1}, 404),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(
    sara: httpx.Client, alert_id: AlertId, deed: str, body: dict[str, object], status: int
) -> None:
    answer = sara.post(f"/api/alerts/{alert_id}/{deed}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")


def test_an_escalation_waits_for_the_named_person_who_accepts(
    dashboard: Dashboard, sara: httpx.Client, alert_id: AlertId
) -> None:
    """Whoever keeps the hub running has no patients: nothing can be handed to them."""
    admin = replace(TOM, staff_id=StaffId("s-ada"), name="Ada Admin", email="ada@e.org", role=Role.ADMIN)
    with dashboard.database() as connection:
        add_staff(connection, admin, password_hash=hash_password(PASSWORD))
    refused = sara.post(f"/api/alerts/{alert_id}/escalate", json={"rev": 1, "to": "s-ada", "text": "Please."})
    assert refused.json()["error"] == "Choose a colleague of your ward to escalate to."
    sent = sara.post(
        f"/api/alerts/{alert_id}/escalate", json={"rev": 1, "to": "s-tom", "text": "Please call."}
    )
    assert sent.status_code == 200
    with dashboard.sign_in(TOM) as tom:
        accepted = tom.post(f"/api/alerts/{alert_id}/accept", json={"rev": sent.json()["rev"]})
    assert accepted.json()["owner"] == "s-tom"
