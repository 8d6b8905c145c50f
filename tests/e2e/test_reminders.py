"""A reminder in a real browser: set from the alert, shown on its row, and come up at its time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from runtime.clock import utc_now
from store import patients
from tests.harness.desk import TOM, Dashboard, raise_alert
from tests.harness.small_ward import patient
from vitals.alert import Priority
from vitals.ids import AlertId, PatientId

SignIn = Callable[..., Page]
RITA = PatientId("p-rita")


@pytest.fixture(scope="module")
def alert_id(dashboard: Dashboard) -> Iterator[AlertId]:
    """An alert of a patient whom no other test touches."""
    now = utc_now()
    with dashboard.database() as connection:
        who = replace(patient(RITA, "Rita", "Reminded"), record_number="MRN-rita")
        patients.add(connection, who, enrolled_at=now - timedelta(days=9))
        yield raise_alert(connection, RITA, Priority.HIGH, now, problem="reminded")
        connection.execute(
            "UPDATE alerts SET closed_at = now(), outcome = 'acted' WHERE patient_id = %s", [RITA]
        )
        connection.execute("UPDATE patients SET discharged_at = now() WHERE patient_id = %s", [RITA])


def test_a_reminder_is_on_the_row_of_whoever_set_it_and_can_be_taken_back(
    sign_in: SignIn, alert_id: AlertId, violations: Callable[[Page], list[str]]
) -> None:
    page, tom = sign_in(path=f"/app/alerts/{alert_id}"), sign_in(TOM)
    row = page.locator(f'[data-alert="{alert_id}"]')
    expect(page.locator("#action-remind")).to_be_enabled()
    page.keyboard.press("b")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Rita Reminded")
    dialog.get_by_label("At another time").check()
    expect(dialog.get_by_label("Date and time")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_label("In 30 minutes").check()
    dialog.get_by_role("button", name="Remind me").click()
    expect(row.locator(".row-bell")).to_be_visible()
    expect(page.locator("#alert-banner .reminder")).to_be_visible()
    expect(tom.locator(f'[data-alert="{alert_id}"]')).to_be_visible()
    expect(tom.locator(f'[data-alert="{alert_id}"] .row-bell')).to_have_count(0)
    page.locator("#notices").get_by_role("button", name="Undo").click()
    expect(row.locator(".row-bell")).to_have_count(0)


def test_it_comes_up_at_its_time_on_whatever_page_the_nurse_is(
    sign_in: SignIn, alert_id: AlertId, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    with dashboard.sign_in() as sara:
        at = (utc_now() + timedelta(seconds=2)).isoformat()
        wanted = {"alert": alert_id, "at": at, "note": "Ring the GP"}
        sara.post("/api/reminders", json=wanted).raise_for_status()
    page = sign_in(path="/app/reports", row=False)
    notice = page.locator(".notice-reminder")
    expect(notice).to_contain_text("Reminder: Rita Reminded")
    expect(notice).to_contain_text("Ring the GP")
    assert violations(page) == []
    notice.get_by_role("button", name="Done").click()
    expect(notice).to_have_count(0)
    expect(page.locator("#notices")).to_contain_text("Reminder removed.")
    assert dashboard.rows("SELECT 1 FROM reminders WHERE alert_id = %s AND ended_at IS NULL", alert_id) == []
