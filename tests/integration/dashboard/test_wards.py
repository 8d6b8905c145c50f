"""Wards apart: nobody hears or sees another ward's patients, and a nurse of several chooses one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from runtime.clock import utc_now
from store import patients
from store.evaluations import requeue
from store.staff import Role, Staff, add_staff, add_to_ward, hash_password, ward_staff
from tests.harness.desk import PASSWORD, QUIET, STRANGER, Dashboard, raise_alert
from tests.harness.small_ward import WARD, patient
from tests.integration.dashboard.test_events import listening, next_of
from vitals.alert import Priority
from vitals.ids import AlertId, PatientId, StaffId
from vitals.patient import Programme

ELSEWHERE = PatientId("p-elsewhere")
BOTH = Staff(
    staff_id=StaffId("s-both"), ward_id=WARD, name="Bo Both", email="both@example.org", role=Role.NURSE
)


@pytest.fixture(scope="module")
def far_alert(dashboard: Dashboard) -> AlertId:
    """An open alert on the other ward, and a nurse who works on both."""
    now = utc_now()
    with dashboard.database() as connection:
        who = replace(patient(ELSEWHERE, "Elsie", "Where", Programme.HEART_FAILURE), ward_id="ward-2")
        patients.add(connection, who, enrolled_at=now - timedelta(days=9))
        add_staff(connection, BOTH, password_hash=hash_password(PASSWORD))
        add_to_ward(connection, BOTH.staff_id, "ward-2")
        return raise_alert(connection, ELSEWHERE, Priority.MEDIUM, now)


@pytest.fixture
def both(dashboard: Dashboard, far_alert: AlertId) -> Iterator[httpx.Client]:
    """The nurse of both wards, who looks at the first again when a test is over."""
    with dashboard.sign_in(BOTH) as client:
        yield client
        client.post("/api/ward", json={"ward": WARD}).raise_for_status()


def names(client: httpx.Client) -> set[str]:
    answer = client.post("/api/worklist", json={}).raise_for_status().json()
    return {row["name"] for row in answer["rows"]}


def test_a_page_hears_the_ids_of_its_own_ward_only(dashboard: Dashboard, far_alert: AlertId) -> None:
    with (
        dashboard.sign_in(STRANGER) as stranger,
        dashboard.sign_in(BOTH) as nurse,
        listening(stranger) as far,
        listening(nurse) as everywhere,
        dashboard.database() as connection,
    ):
        next_of(far, "beat"), next_of(everywhere, "beat")
        near = raise_alert(connection, QUIET, Priority.LOW, utc_now(), problem="not_for_the_stranger")
        requeue(connection, [(QUIET, utc_now())], now=utc_now())
        requeue(connection, [(ELSEWHERE, utc_now())], now=utc_now())
        # They come in the order in which they were committed: what is heard first would have been ward one's.
        assert next_of(far, "change") == {"alert": None, "patient": ELSEWHERE}
        heard = [next_of(everywhere, "change") for _ in range(3)]
        assert heard == [
            {"alert": near, "patient": QUIET},
            {"alert": None, "patient": QUIET},
            {"alert": None, "patient": ELSEWHERE},
        ]


def test_the_ward_that_a_nurse_chose_is_kept(both: httpx.Client, dashboard: Dashboard) -> None:
    assert "Elsie Where" not in names(both)
    assert "Dorothy Rahman" in names(both)
    both.post("/api/ward", json={"ward": "ward-2"}).raise_for_status()
    assert names(both) == {"Elsie Where"}
    with dashboard.sign_in(BOTH) as later:
        assert names(later) == {"Elsie Where"}


def test_a_link_leads_to_its_patient_whichever_of_her_wards_is_shown(
    both: httpx.Client, far_alert: AlertId, dashboard: Dashboard
) -> None:
    assert both.get(f"/api/alerts/{far_alert}").json()["patient_id"] == ELSEWHERE
    assert both.get(f"/api/patients/{ELSEWHERE}/limits").status_code == 200
    note = both.post(f"/api/alerts/{far_alert}/note", json={"rev": 1, "text": "Rang the ward."})
    assert note.status_code == 200
    with dashboard.sign_in() as sara:
        assert sara.get(f"/api/alerts/{far_alert}").status_code == 404
        assert sara.get(f"/api/patients/{ELSEWHERE}/limits").status_code == 404
        assert sara.post(f"/api/alerts/{far_alert}/note", json={"rev": 2, "text": "x"}).status_code == 404


def test_nobody_looks_at_a_ward_that_is_not_theirs(dashboard: Dashboard, far_alert: AlertId) -> None:
    with dashboard.sign_in() as sara:
        refused = sara.post("/api/ward", json={"ward": "ward-2"})
        assert (refused.status_code, refused.json()["error"]) == (422, "You do not work on this ward.")
        assert "Elsie Where" not in names(sara)


def test_she_is_a_colleague_on_both_wards(dashboard: Dashboard, far_alert: AlertId) -> None:
    with dashboard.database() as connection:
        for ward_id in (WARD, "ward-2"):
            here = {one.staff_id: one for one in ward_staff(connection, ward_id)}
            assert here[BOTH.staff_id].ward_id == ward_id
