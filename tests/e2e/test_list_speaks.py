"""The list beside the work: what is news is said, and what a nurse is about to choose stays where it is."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from runtime.clock import utc_now
from tests.harness.desk import QUIET, TOM, Dashboard, alert_of_toms, raise_alert
from vitals.alert import Priority
from vitals.ids import AlertId

SignIn = Callable[..., Page]
_LATER = "() => { const now = Date.now; Date.now = () => now() + 20000; }"


@pytest.fixture
def of_toms(dashboard: Dashboard) -> Iterator[AlertId]:
    """Quentin Quiet's only open alert: urgent, and Tom has it."""
    with alert_of_toms(dashboard, QUIET, Priority.HIGH) as alert_id:
        yield alert_id


def test_a_second_urgent_alert_of_a_patient_is_said_whatever_is_filtered_and_never_hides(
    sign_in: SignIn, dashboard: Dashboard, of_toms: AlertId
) -> None:
    page = sign_in()
    toms = page.locator(f'[data-alert="{of_toms}"]')
    expect(toms).to_contain_text("Seen")
    page.locator("#worklist-search").hover()  # somebody is at it: rows stay where they are
    with dashboard.database() as connection:
        second = raise_alert(connection, QUIET, Priority.HIGH, utc_now(), ago_minutes=1, problem="second")
    notice = page.get_by_role("alert").filter(has_text="Urgent: Quentin Quiet")
    expect(notice).to_be_visible()
    expect(toms).to_contain_text("1 more, not seen")
    expect(toms).not_to_contain_text("No longer open")
    page.get_by_role("button", name="1 new alert – show").click()
    expect(page.locator(f'[data-alert="{second}"]')).to_be_visible()
    notice.get_by_role("button", name="Dismiss").click()
    page.get_by_role("button", name="Mine", exact=True).click()
    expect(page.locator(f'[data-alert="{second}"]')).to_have_count(0)
    with dashboard.database() as connection:
        raise_alert(connection, QUIET, Priority.HIGH, utc_now(), ago_minutes=0.5, problem="third")
    expect(notice).to_be_visible()


def test_what_is_handed_on_reaches_that_person_on_whatever_page_they_are(
    sign_in: SignIn, dashboard: Dashboard, of_toms: AlertId
) -> None:
    page = sign_in(path="/app/settings", row=False)
    expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
    with dashboard.sign_in(TOM) as tom:
        fields = {"rev": 2, "to": "s-sara", "text": "Please look."}
        tom.post(f"/api/alerts/{of_toms}/escalate", json=fields).raise_for_status()
    notice = page.get_by_role("alert").filter(has_text="Waiting for you: Quentin Quiet")
    expect(notice).to_be_visible()
    notice.get_by_role("link", name="Open").click()
    expect(page.locator("#action-accept")).to_be_visible()
    page.get_by_role("button", name="Mine", exact=True).click()
    expect(page.locator(f'[data-alert="{of_toms}"]')).to_contain_text("Waiting for you")


def test_no_row_moves_under_a_pointer_that_rests_on_the_list(
    sign_in: SignIn, dashboard: Dashboard, of_toms: AlertId
) -> None:
    page = sign_in()
    expect(page.locator(f'[data-alert="{of_toms}"]')).to_be_visible()
    before = page.locator(".row-link").evaluate_all("rows => rows.map(row => row.dataset.alert)")
    page.locator(".row-link").last.hover()
    page.evaluate(_LATER)
    with dashboard.database() as connection:
        raise_alert(connection, QUIET, Priority.HIGH, utc_now(), ago_minutes=600, problem="second")
    expect(page.get_by_role("button", name="1 new alert – show")).to_be_visible()
    assert page.locator(".row-link").evaluate_all("rows => rows.map(row => row.dataset.alert)") == before


def test_after_an_alert_is_closed_the_next_one_is_the_one_below_it(
    sign_in: SignIn, dashboard: Dashboard, of_toms: AlertId
) -> None:
    page = sign_in(path=f"/app/alerts/{of_toms}")
    rows = page.locator(".row-link")
    expect(page.locator(f'[data-alert="{of_toms}"]')).to_have_attribute("aria-current", "true")
    order = rows.evaluate_all("rows => rows.map(row => row.dataset.alert)")
    below = order[order.index(str(of_toms)) + 1]
    assert order.index(str(of_toms)) > 0
    page.locator("#action-close").click()
    page.get_by_label("Acted on").check()
    page.get_by_role("button", name="Close alert").click()
    expect(page.locator(f'[data-alert="{of_toms}"]')).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"/app/alerts/{below}$"))
