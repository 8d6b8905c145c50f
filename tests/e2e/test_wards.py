"""A nurse of two wards in a real browser: which one she looks at, and links that lead to either."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from runtime.clock import utc_now
from store import patients
from store.staff import Role, Staff, add_staff, add_to_ward, hash_password
from tests.harness.desk import PASSWORD, Dashboard, raise_alert
from tests.harness.small_ward import WARD, patient
from vitals.alert import Priority
from vitals.ids import AlertId, PatientId, StaffId

SignIn = Callable[..., Page]
BOTH = Staff(
    staff_id=StaffId("s-both"), ward_id=WARD, name="Bo Both", email="both@example.org", role=Role.NURSE
)


@pytest.fixture(scope="module")
def far_alert(dashboard: Dashboard) -> Iterator[AlertId]:
    """An alert on the other ward, and a nurse who works on both."""
    now = utc_now()
    with dashboard.database() as connection:
        who = replace(patient(PatientId("p-elsewhere"), "Elsie", "Where"), ward_id="ward-2")
        patients.add(connection, who, enrolled_at=now - timedelta(days=9))
        add_staff(connection, BOTH, password_hash=hash_password(PASSWORD))
        add_to_ward(connection, BOTH.staff_id, "ward-2")
        yield raise_alert(connection, PatientId("p-elsewhere"), Priority.MEDIUM, now)


def test_a_nurse_of_two_wards_chooses_which_to_look_at_and_the_choice_is_kept(
    sign_in: SignIn, far_alert: AlertId, violations: Callable[[Page], list[str]]
) -> None:
    page = sign_in(BOTH)
    ward = page.get_by_label("Ward", exact=True)
    expect(ward).to_have_value(WARD)
    expect(page.locator(".row").filter(has_text="Dorothy Rahman")).to_be_visible()
    ward.select_option(label="Ward Two")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".row")).to_contain_text("Elsie Where")
    assert violations(page) == []
    phone = sign_in(BOTH, width=390, height=844)
    expect(phone.locator(".row")).to_contain_text("Elsie Where")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    phone.get_by_label("Ward", exact=True).select_option(label="Ward One")
    expect(phone.locator(".row").filter(has_text="Dorothy Rahman")).to_be_visible()
    phone.goto(phone.url.split("/app/")[0] + f"/app/alerts/{far_alert}")
    expect(phone.locator("#patient-banner")).to_contain_text("Ward Two")


def test_with_one_ward_there_is_nothing_to_choose(sign_in: SignIn) -> None:
    page = sign_in()
    expect(page.locator("#person-menu")).to_be_visible()
    expect(page.locator("#ward-choice")).to_have_count(0)
