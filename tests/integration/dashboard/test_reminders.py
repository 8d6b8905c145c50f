"""A nurse is reminded of an alert at a time of their own; nobody else is, and the alert stays as it is."""

from datetime import datetime, timedelta

import httpx
import pytest

from runtime.clock import utc_now
from tests.harness.desk import LONG, SARA, STRANGER, TOM, Dashboard, raise_alert
from vitals.alert import Priority
from vitals.ids import AlertId

HOUR = timedelta(hours=1)


@pytest.fixture
def alert_id(dashboard: Dashboard, request: pytest.FixtureRequest) -> AlertId:
    with dashboard.database() as connection:
        return raise_alert(connection, LONG, Priority.LOW, utc_now(), problem=request.node.name)


def remind(client: httpx.Client, alert_id: AlertId, at: datetime, note: str = "") -> httpx.Response:
    return client.post("/api/reminders", json={"alert": alert_id, "at": at.isoformat(), "note": note})


def mine(client: httpx.Client, alert_id: AlertId) -> list[tuple[datetime, str]]:
    waiting = client.get("/api/reminders").json()
    return [(datetime.fromisoformat(one["at"]), one["note"]) for one in waiting if one["alert"] == alert_id]


def test_the_newest_wish_counts_and_is_nobody_elses(
    sara: httpx.Client, dashboard: Dashboard, alert_id: AlertId
) -> None:
    now = utc_now()
    assert remind(sara, alert_id, now + HOUR).status_code == 200
    assert remind(sara, alert_id, now + 2 * HOUR, " Ring the GP ").status_code == 200
    assert mine(sara, alert_id) == [(now + 2 * HOUR, "Ring the GP")]
    with dashboard.sign_in(TOM) as tom:
        assert mine(tom, alert_id) == []
    assert sara.get(f"/api/alerts/{alert_id}").json()["rev"] == 1
    rows = sara.post("/api/worklist", json={"search": "Featherstonehaugh"}).json()["rows"]
    assert [SARA.staff_id, (now + 2 * HOUR).isoformat()] in rows[0]["reminders"]
    sara.post(f"/api/reminders/{alert_id}/end").raise_for_status()
    assert mine(sara, alert_id) == []


def test_a_closed_alert_reminds_of_nothing(sara: httpx.Client, alert_id: AlertId) -> None:
    assert remind(sara, alert_id, utc_now() + HOUR).status_code == 200
    close = {"rev": 1, "outcome": "acted"}
    sara.post(f"/api/alerts/{alert_id}/close", json=close).raise_for_status()
    assert mine(sara, alert_id) == []
    assert remind(sara, alert_id, utc_now() + HOUR).status_code == 422


def test_a_time_that_is_past_or_far_and_another_wards_alert_are_refused(
    sara: httpx.Client, dashboard: Dashboard, alert_id: AlertId
) -> None:
    for at in (utc_now() - HOUR, utc_now() + timedelta(days=15)):
        refused = remind(sara, alert_id, at)
        assert refused.json()["error"] == "Choose a time within the next 14 days."
    with dashboard.sign_in(STRANGER) as stranger:
        assert remind(stranger, alert_id, utc_now() + HOUR).status_code == 404
