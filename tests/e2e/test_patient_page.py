"""A patient on a phone, without any script: the code, what to do, typing a reading in."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.harness.desk import QUIET, Dashboard


@pytest.fixture
def phone(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """A phone of 320 px on which no script runs."""
    context = browser.new_context(viewport={"width": 320, "height": 700}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def code_from_nurse(dashboard: Dashboard) -> str:
    with dashboard.sign_in() as nurse:
        return str(nurse.post(f"/api/patients/{QUIET}/sign-in-code").json()["code"])


def sign_in(phone: Page, dashboard: Dashboard) -> None:
    phone.goto(f"{dashboard.url}/me")
    phone.get_by_label("Your record number").fill(f"MRN-{QUIET}")
    phone.get_by_role("button", name="Send me a code").click()
    phone.get_by_label("Your code").fill(code_from_nurse(dashboard))
    phone.get_by_role("button", name="Go to my page").click()
    expect(phone.get_by_text("Hello Quentin")).to_be_visible()


def test_a_patient_gets_in_with_a_code_and_types_a_reading_in(phone: Page, dashboard: Dashboard) -> None:
    sign_in(phone, dashboard)
    expect(phone.get_by_role("heading", name="What to do next")).to_be_visible()
    expect(phone.get_by_role("link", name="Call 112")).to_be_visible()
    expect(phone.get_by_text("Nobody looks at your readings at night")).to_be_visible()
    phone.goto(f"{dashboard.url}/me/add/blood_pressure")
    phone.get_by_label("Top number").fill("80")
    phone.get_by_label("Bottom number").fill("lots")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("alert")).to_contain_text("Type in your bottom number as a number, like 80.")
    expect(phone.get_by_label("Top number")).to_have_value("80")
    phone.get_by_label("Top number").fill("133")
    phone.get_by_label("Bottom number").fill("82")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_text("Thank you. We have it.")).to_be_visible()
    expect(phone.get_by_text("133/82")).to_be_visible()
    typed = "SELECT DISTINCT quality FROM observations WHERE patient_id = %s AND quality <> '{}'"
    assert dashboard.rows(typed, QUIET) == [(["manual"],)]


def test_a_code_works_once_and_a_wrong_one_is_told_kindly(phone: Page, dashboard: Dashboard) -> None:
    code = code_from_nurse(dashboard)
    phone.goto(f"{dashboard.url}/me/sign-in?who={QUIET}")
    phone.get_by_role("button", name="Send me a code").click()
    wrong = "000000" if code != "000000" else "111111"
    phone.get_by_label("Your code").fill(wrong)
    phone.get_by_role("button", name="Go to my page").click()
    expect(phone.get_by_role("alert")).to_contain_text("This code is not right or is too old.")
    phone.get_by_label("Your code").fill(code)
    phone.get_by_role("button", name="Go to my page").click()
    expect(phone).to_have_url(re.compile("/me$"))
    phone.get_by_role("button", name="Sign out").click()
    phone.get_by_role("button", name="Send me a code").or_(
        phone.get_by_label("Your record number")
    ).first.wait_for()
    phone.goto(f"{dashboard.url}/me")
    expect(phone.get_by_text("Hello Quentin")).to_have_count(0)


def test_the_patients_pages_pass_axe_and_stay_small(
    browser: Browser, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    received: list[int] = []
    page.on("response", lambda answer: received.append(len(answer.body())))
    page.goto(f"{dashboard.url}/me/sign-in?who={QUIET}")
    assert violations(page) == []
    code = code_from_nurse(dashboard)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Your code").fill(code)
    received.clear()
    page.get_by_role("button", name="Go to my page").click()
    expect(page.get_by_text("Hello Quentin")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.goto(f"{dashboard.url}/me/add/weight")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    assert sum(received) < 60_000
    context.close()
