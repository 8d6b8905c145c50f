"""What nobody has seen, and what waits for somebody, hides behind nothing else of the patient's."""

from collections.abc import Iterator

import httpx
import pytest

from runtime.clock import utc_now
from tests.harness.desk import QUIET, TOM, Dashboard, close_alerts, raise_alert
from vitals.alert import Priority
from vitals.ids import AlertId

_QUIET = {"search": "Quentin"}


@pytest.fixture
def seen(dashboard: Dashboard, sara: httpx.Client) -> Iterator[AlertId]:
    """Quentin Quiet's only open alert: urgent, and seen by Sara."""
    with dashboard.database() as connection:
        close_alerts(connection, QUIET)
        alert_id = raise_alert(connection, QUIET, Priority.HIGH, utc_now(), problem="seen_already")
        sara.post(f"/api/alerts/{alert_id}/acknowledge", json={"rev": 1}).raise_for_status()
        yield alert_id
        close_alerts(connection, QUIET)


def listed(client: httpx.Client, **query: str) -> dict:  # type: ignore[type-arg]
    answer = client.post("/api/worklist", json={**_QUIET, **query}).raise_for_status().json()
    return dict(answer)


def test_an_urgent_alert_that_nobody_saw_leads_its_row_before_one_that_somebody_saw(
    dashboard: Dashboard, sara: httpx.Client, seen: AlertId
) -> None:
    assert listed(sara, show="unseen")["rows"] == []
    with dashboard.database() as connection:
        worse = raise_alert(
            connection, QUIET, Priority.HIGH, utc_now(), ago_minutes=1, problem="nobody_saw_it"
        )
    (row,) = listed(sara)["rows"]
    assert (row["id"], row["others"], row.get("seen")) == (worse, [seen], None)
    unseen = listed(sara, show="unseen")
    assert [one["id"] for one in unseen["rows"]] == [worse]
    assert unseen["counts"]["high"] == 1
    assert [one["id"] for one in unseen["pressing"] if one["name"] == "Quentin Quiet"] == [worse]


def test_a_lesser_alert_that_nobody_saw_is_named_in_the_row_and_found_by_not_seen(
    dashboard: Dashboard, sara: httpx.Client, seen: AlertId
) -> None:
    with dashboard.database() as connection:
        lesser = raise_alert(connection, QUIET, Priority.LOW, utc_now(), ago_minutes=1, problem="lesser")
    unseen = listed(sara, show="unseen")
    (row,) = unseen["rows"]
    assert (row["id"], row["others"], row["others_unseen"]) == (seen, [lesser], 1)
    assert (unseen["total"], unseen["counts"]["high"]) == (1, 1)


def test_what_was_handed_on_waits_in_that_persons_list_until_they_accept_it_or_it_is_taken_back(
    dashboard: Dashboard, sara: httpx.Client, seen: AlertId
) -> None:
    with dashboard.sign_in(TOM) as tom:
        assert listed(tom, show="mine")["rows"] == []
        fields = {"rev": 2, "to": TOM.staff_id, "text": "Please look."}
        sara.post(f"/api/alerts/{seen}/escalate", json=fields).raise_for_status()
        mine = listed(tom, show="mine")
        (row,) = mine["rows"]
        assert (row["id"], row["waits_for"]["id"], mine["total"]) == (seen, TOM.staff_id, 1)
        assert [one["id"] for one in mine["pressing"] if one["to"] == TOM.staff_id] == [seen]
        assert [row["id"] for row in listed(sara, show="mine")["rows"]] == [seen]
        sara.post(f"/api/alerts/{seen}/undo", json={"rev": 3}).raise_for_status()
        assert listed(tom, show="mine")["rows"] == []
        sara.post(f"/api/alerts/{seen}/escalate", json={**fields, "rev": 4}).raise_for_status()
        tom.post(f"/api/alerts/{seen}/accept", json={"rev": 5}).raise_for_status()
        (row,) = listed(tom, show="mine")["rows"]
        assert row["owner"]["id"] == TOM.staff_id
        assert "waits_for" not in row
        pressing = listed(tom)["pressing"]
        assert [one for one in pressing if one["to"]] == []
        (lost,) = [one for one in pressing if one["lost"] == "s-sara"]
        assert (lost["id"], lost["by"]) == (seen, "Tom Becker")
        assert listed(sara, show="mine")["rows"] == []
