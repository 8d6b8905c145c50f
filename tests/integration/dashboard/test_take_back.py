"""What was done by mistake is taken back by who did it: what was before counts again, and all of it stays."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from alerts import life
from alerts.book import texts
from dashboard.care import LimitFields, set_limit
from runtime.clock import utc_now
from store import alerts as stored_alerts
from store import care, patients
from tests.harness.desk import SARA, TOM, Dashboard, raise_alert
from tests.harness.small_ward import patient
from vitals.alert import Priority
from vitals.alert_event import AlertEvent, EvidenceAdded, Raised
from vitals.ids import AlertId, PatientId
from vitals.patient import Programme

BACK = PatientId("p-back")
LIMIT = {"name": "systolic_stage2", "reason": "Clinic says so", "days": 7}


@pytest.fixture(scope="module", autouse=True)
def _patient(dashboard: Dashboard) -> None:
    """A patient whom no other test touches, with one reading."""
    now = utc_now()
    with dashboard.database() as connection:
        who = patient(BACK, "Bea", "Back", Programme.HYPERTENSION)
        patients.add(connection, who, enrolled_at=now - timedelta(days=9))
        connection.execute(
            """INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)
               VALUES (%s, 'systolic', %s, 141, 'p-back-3', %s)""",
            [BACK, now, now],
        )


@pytest.fixture
def alert_id(dashboard: Dashboard, request: pytest.FixtureRequest) -> AlertId:
    with dashboard.database() as connection:
        return raise_alert(connection, BACK, Priority.MEDIUM, utc_now(), problem=request.node.name)


@pytest.fixture
def tom(dashboard: Dashboard) -> Iterator[httpx.Client]:
    with dashboard.sign_in(TOM) as client:
        yield client


def act(client: httpx.Client, alert_id: AlertId, deed: str, **fields: object) -> httpx.Response:
    return client.post(f"/api/alerts/{alert_id}/{deed}", json=fields)


def test_an_escalation_is_taken_back_until_it_is_accepted(
    sara: httpx.Client, tom: httpx.Client, dashboard: Dashboard, alert_id: AlertId
) -> None:
    act(sara, alert_id, "escalate", rev=1, to=TOM.staff_id, text="Please look.").raise_for_status()
    assert act(tom, alert_id, "undo", rev=2).status_code == 422
    act(sara, alert_id, "undo", rev=2).raise_for_status()
    with dashboard.database() as connection:
        stored = stored_alerts.get(connection, alert_id)
        assert stored is not None
        assert (stored.escalation, stored.rev) == (0, 3)
        assert [event.kind for event in stored_alerts.events(connection, alert_id)] == [
            "raised", "escalated", "undone",
        ]  # fmt: skip
    assert act(tom, alert_id, "accept", rev=3).status_code == 422
    act(sara, alert_id, "escalate", rev=3, to=TOM.staff_id, text="Again.").raise_for_status()
    act(tom, alert_id, "accept", rev=4).raise_for_status()
    assert act(sara, alert_id, "undo", rev=5, event=4).status_code == 422


def test_what_was_done_is_taken_back_after_new_readings_but_not_after_a_colleague_acted(
    sara: httpx.Client, tom: httpx.Client, dashboard: Dashboard, alert_id: AlertId
) -> None:
    act(sara, alert_id, "acknowledge", rev=1).raise_for_status()
    with dashboard.database() as connection:
        alert, (raised, *_) = (
            stored_alerts.get(connection, alert_id),
            stored_alerts.events(connection, alert_id),
        )
        assert alert is not None
        assert isinstance(raised.what, Raised)
        more = AlertEvent(rev=3, actor="system", at=utc_now(), what=EvidenceAdded(breach=raised.what.breach))
        assert stored_alerts.append(connection, life.apply(alert, more, texts.english), more)
    act(sara, alert_id, "undo", rev=2, event=2).raise_for_status()
    with dashboard.database() as connection:
        after = stored_alerts.get(connection, alert_id)
    assert after is not None
    assert (after.acknowledged_at, after.owner, after.rev) == (None, None, 4)
    act(sara, alert_id, "acknowledge", rev=4).raise_for_status()
    act(tom, alert_id, "note", rev=5, text="I rang already").raise_for_status()
    refused = act(sara, alert_id, "undo", rev=5, event=5)
    assert refused.status_code == 409
    assert "Tom Becker wrote a note on this" in refused.json()["error"]


def test_a_note_and_a_call_are_withdrawn_by_their_author_at_any_time(
    sara: httpx.Client, tom: httpx.Client, dashboard: Dashboard, alert_id: AlertId
) -> None:
    def minutes() -> int:
        with dashboard.database() as connection:
            return care.care_seconds(connection, BACK, utc_now() - timedelta(hours=1)) // 60

    before = minutes()
    act(sara, alert_id, "note", rev=1, text="Wrong patient").raise_for_status()
    act(sara, alert_id, "call", rev=2, minutes=30, text="Not him").raise_for_status()
    act(tom, alert_id, "acknowledge", rev=3).raise_for_status()
    assert minutes() == before + 30
    assert act(tom, alert_id, "undo", rev=4, event=2).status_code == 422  # not his
    act(sara, alert_id, "undo", rev=4, event=3).raise_for_status()
    act(sara, alert_id, "undo", rev=5, event=2).raise_for_status()
    assert act(sara, alert_id, "undo", rev=6, event=2).status_code == 422  # once
    assert minutes() == before
    with dashboard.database() as connection:
        stored = stored_alerts.get(connection, alert_id)
    assert stored is not None
    assert stored.owner == TOM.staff_id


def systolic(client: httpx.Client) -> float:
    limits = client.get(f"/api/patients/{BACK}/limits").json()["limits"]
    return next(one["value"] for one in limits if one["name"] == LIMIT["name"])


def test_a_limit_that_was_taken_back_leaves_the_former_one_in_force(
    sara: httpx.Client, tom: httpx.Client, dashboard: Dashboard
) -> None:
    path = f"/api/patients/{BACK}/limits"
    usual = systolic(sara)
    first = sara.post(path, json={**LIMIT, "value": usual + 4}).raise_for_status().json()["undo"]
    second = sara.post(path, json={**LIMIT, "value": usual + 8}).raise_for_status().json()["undo"]
    assert sara.post(first, json={"reason": "Typed wrongly"}).status_code == 422  # a newer one is in force
    assert tom.post(second, json={"reason": "Not mine"}).status_code == 422
    assert sara.post(second, json={"reason": ""}).status_code == 422
    sara.post(second, json={"reason": "Typed wrongly"}).raise_for_status()
    assert systolic(sara) == usual + 4
    assert sara.post(second, json={"reason": "Again"}).status_code == 422
    sara.post(first, json={"reason": "Typed wrongly, too"}).raise_for_status()
    assert systolic(sara) == usual
    kept = dashboard.rows(
        "SELECT l.value, r.author, r.reason FROM limits l JOIN limit_revocations r USING (limit_id)"
        " WHERE l.patient_id = %s ORDER BY l.limit_id",
        BACK,
    )
    assert kept == [
        (usual + 4, SARA.staff_id, "Typed wrongly, too"),
        (usual + 8, SARA.staff_id, "Typed wrongly"),
    ]


def test_a_limit_is_not_taken_back_where_the_former_one_is_unsafe_by_now(
    sara: httpx.Client, dashboard: Dashboard
) -> None:
    """The crisis limit must stay above it: another was set while this one allowed it."""
    usual = systolic(sara)
    lower = sara.post(f"/api/patients/{BACK}/limits", json={**LIMIT, "value": usual - 12}).json()["undo"]
    crisis = {"name": "systolic_crisis", "value": usual, "reason": "Stroke last year", "days": 7}
    with dashboard.database() as connection:
        fields = LimitFields.model_validate(crisis)
        set_now = set_limit(connection, BACK, SARA, utc_now(), fields)
    if not isinstance(set_now, int):
        pytest.fail(f"the rulebook no longer allows a crisis limit of {usual}: {set_now.sentence}")
    refused = sara.post(lower, json={"reason": "Back"})
    assert refused.status_code == 422
    assert systolic(sara) == usual - 12
    sara.post(f"/api/patients/{BACK}/limits/{set_now}/undo", json={"reason": "End"}).raise_for_status()
    sara.post(lower, json={"reason": "Back"}).raise_for_status()


def test_a_message_is_taken_back_until_the_patient_has_read_it(
    sara: httpx.Client, tom: httpx.Client, dashboard: Dashboard
) -> None:
    path = f"/api/patients/{BACK}/messages"
    unread, read = (sara.post(path, json={"text": text}).json()["undo"] for text in ("Wrong person", "Hello"))
    assert tom.post(unread).status_code == 422
    sara.post(unread).raise_for_status()
    assert sara.post(unread).status_code == 422
    with dashboard.database() as connection:
        shown = care.mark_read(connection, BACK, now=utc_now())
        assert [m.message_id for m in care.messages_to(connection, BACK) if m.message_id in shown] == [
            int(read.split("/")[-2])
        ]
        assert "Wrong person" not in [m.body for m in care.messages_to(connection, BACK)]
        assert "Wrong person" in [m.body for m in care.messages_to(connection, BACK, withdrawn=True)]
    assert sara.post(read).status_code == 422


def test_a_decision_on_a_reading_is_taken_back_by_its_author_at_once(
    sara: httpx.Client, tom: httpx.Client, dashboard: Dashboard
) -> None:
    path = f"/api/patients/{BACK}/readings/{BACK}-3"

    def standing() -> set[object]:
        return {row[0] for row in dashboard.rows(
            "SELECT standing FROM observations WHERE reading_id = %s", f"{BACK}-3")}  # fmt: skip

    undo = sara.post(f"{path}/exclude", json={"reason": "Cold hand"}).json()["undo"]
    assert standing() == {"excluded"}
    assert tom.post(undo, json={"reason": "Not his"}).status_code == 422
    undone = sara.post(undo, json={"reason": "The wrong reading"})
    assert undone.status_code == 200, undone.text
    assert standing() == {"accepted"}
    assert sara.post(undo, json={"reason": "Twice"}).status_code == 422
