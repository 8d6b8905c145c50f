"""What a nurse did by mistake is taken back: at once from the notice, later from the history."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from runtime.clock import utc_now
from store import patients
from tests.harness.desk import Dashboard, raise_alert
from tests.harness.small_ward import patient
from vitals.alert import Priority
from vitals.ids import AlertId, PatientId
from vitals.patient import Programme

SignIn = Callable[..., Page]
BEA = PatientId("p-bea")


@pytest.fixture(scope="module")
def alert_id(dashboard: Dashboard) -> Iterator[AlertId]:
    """An alert of a patient whom no other test touches, with two readings."""
    now = utc_now()
    with dashboard.database() as connection:
        who = replace(patient(BEA, "Bea", "Back", Programme.HYPERTENSION), record_number="MRN-bea")
        patients.add(connection, who, enrolled_at=now - timedelta(days=9))
        for days in (0, 1):
            connection.execute(
                """INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)
                   VALUES (%s, 'spo2', %s, 96, %s, %s)""",
                [BEA, now - timedelta(days=days, hours=1), f"bea-{days}", now],
            )
        yield raise_alert(connection, BEA, Priority.LOW, now, problem="taken_back")
        connection.execute(
            "UPDATE alerts SET closed_at = now(), outcome = 'acted' WHERE patient_id = %s", [BEA]
        )
        connection.execute("UPDATE patients SET discharged_at = now() WHERE patient_id = %s", [BEA])


def undo_from_notice(page: Page) -> None:
    page.locator("#notices").get_by_role("button", name="Undo").click()
    expect(page.locator("#notices").get_by_text("Taken back.")).to_be_visible()


def line(page: Page, words: str) -> Locator:
    return page.locator(".history li").filter(has_text=words)


def test_a_message_a_limit_and_a_reading_are_taken_back_from_their_notice(
    sign_in: SignIn, alert_id: AlertId
) -> None:
    page = sign_in(path=f"/app/alerts/{alert_id}")
    page.locator("#action-message").click()
    page.get_by_role("textbox", name="Message").fill("For somebody else")
    page.get_by_role("button", name="Send message").click()
    expect(line(page, "For somebody else")).to_contain_text("not read yet")
    undo_from_notice(page)
    expect(line(page, "For somebody else")).to_contain_text("Taken back")

    page.locator("#action-limit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Which limit?").select_option("systolic_stage2")
    dialog.get_by_label("New value").fill("165")
    dialog.get_by_label("Why?").fill("Clinic says so")
    dialog.get_by_role("button", name="Set limit").click()
    expect(line(page, "Clinic says so").first).to_be_visible()
    undo_from_notice(page)
    expect(line(page, "Taken back at once").first).to_be_visible()


def test_later_the_history_offers_it_with_a_reason(
    sign_in: SignIn, alert_id: AlertId, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    with dashboard.sign_in() as sara:
        correct = {"reason": "Typed wrongly", "measure": "spo2", "value": 91}
        sara.post(f"/api/patients/{BEA}/readings/bea-0/correct", json=correct).raise_for_status()
        exclude = sara.post(f"/api/patients/{BEA}/readings/bea-1/exclude", json={"reason": "Cold hand"})
        exclude.raise_for_status()
        rev = dashboard.rows("SELECT rev FROM alerts WHERE alert_id = %s", alert_id)[0][0]
        note = {"rev": rev, "text": "Meant for another"}
        sara.post(f"/api/alerts/{alert_id}/note", json=note).raise_for_status()
    page = sign_in(path=f"/app/alerts/{alert_id}")
    expect(line(page, "Typed wrongly")).to_contain_text("96 → 91")
    line(page, "Meant for another").get_by_role("button", name="Take back").click()
    expect(line(page, "Meant for another")).to_contain_text("Taken back")
    line(page, "Cold hand").get_by_role("button", name="Take back").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Bea Back")
    assert violations(page) == []
    dialog.get_by_label("Why?").fill("It was the day before")
    dialog.get_by_role("button", name="Take back").click()
    expect(line(page, "It was the day before")).to_contain_text("took back a decision on a reading")
    expect(line(page, "Cold hand").get_by_role("button")).to_have_count(0)
    assert violations(page) == []
    stands = "SELECT standing FROM observations WHERE reading_id = 'bea-1'"
    assert dashboard.rows(stands) == [("accepted",)]
