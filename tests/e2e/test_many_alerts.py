"""Two thousand open alerts in a real browser: fifty rows at a time, found, filtered, and the news."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from runtime.clock import utc_now
from store.staff import Role, Staff, add_staff, hash_password
from tests.harness.desk import PASSWORD, Dashboard, raise_alert
from tests.harness.many_patients import add_many_patients, add_open_alerts
from vitals.alert import Priority
from vitals.ids import PatientId, StaffId

SignIn = Callable[..., Page]
OPEN = 2000
BUSY = Staff(
    staff_id=StaffId("s-busy"),
    ward_id="ward-busy",
    name="Bea Busy",
    email="busy@example.org",
    role=Role.NURSE,
)
_ENDED = """
    UPDATE alerts SET closed_at = now(), outcome = 'acted' WHERE closed_at IS NULL AND patient_id IN (
        SELECT patient_id FROM patients WHERE ward_id = 'ward-busy')
"""


@pytest.fixture(scope="module")
def busy(dashboard: Dashboard) -> Iterator[Dashboard]:
    """A ward of its own beside the others', which is quiet again afterwards."""
    with dashboard.database() as connection:
        add_many_patients(connection, BUSY.ward_id, 2 * OPEN, now=utc_now())
        add_staff(connection, BUSY, password_hash=hash_password(PASSWORD))
        add_open_alerts(connection, OPEN, now=utc_now())
        connection.execute("ANALYZE patients, alerts, observations")
        yield dashboard
        connection.execute(_ENDED)


def test_two_thousand_alerts_are_worked_through_fifty_at_a_time(
    sign_in: SignIn, busy: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    page = sign_in(BUSY)
    rows, heading = page.locator(".row"), page.get_by_role("heading", level=1, name="Open alerts")
    expect(rows).to_have_count(50)
    expect(heading).to_contain_text(str(OPEN))
    first = rows.first.inner_text()
    assert page.locator(".spark").count() == 50
    page.get_by_role("button", name="Next page").press("Enter")
    expect(page.locator(".pager")).to_contain_text(f"51–100 of {OPEN}")
    expect(rows.first).not_to_have_text(first)
    page.get_by_role("button", name="Previous page").click()
    expect(page.locator(".pager")).to_contain_text(f"1–50 of {OPEN}")

    page.get_by_role("searchbox").fill("muñoz ana")
    expect(heading).not_to_contain_text(str(OPEN))
    expect(rows.first).to_contain_text("Ana Muñoz")
    page.get_by_role("searchbox").fill("")
    expect(heading).to_contain_text(str(OPEN))

    page.get_by_role("button", name=re.compile("^Routine")).click()
    expect(page.locator(".section-head")).to_have_count(1)
    expect(page.locator(".section-head")).to_contain_text("Routine")
    page.get_by_role("button", name=re.compile("^Routine")).click()
    expect(page.locator(".pager")).to_contain_text(f"1–50 of {OPEN}")
    assert violations(page) == []

    page.keyboard.press("j")
    expect(page.locator("#patient-banner")).to_be_visible()
    with busy.database() as connection:
        raise_alert(connection, PatientId("p-1"), Priority.HIGH, utc_now(), ago_minutes=600)
    news = page.get_by_role("button", name="1 new alert – show")
    row = rows.filter(has_text=re.compile("^Zoë ")).filter(has_text="10 h")
    expect(news.or_(row).first).to_be_visible()
    expect(page.locator(".notice-urgent")).to_be_visible()
    if news.is_visible():
        news.click()
    expect(heading).to_contain_text(str(OPEN + 1))
    expect(rows.first).to_contain_text("10 h")
