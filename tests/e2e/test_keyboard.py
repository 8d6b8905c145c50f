"""A whole triage by the keyboard alone, and dialogs that anybody can use."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from runtime.clock import utc_now
from store import patients
from tests.harness.desk import DOROTHY, LONG, Dashboard, raise_alert
from tests.harness.painting import painted
from tests.harness.small_ward import patient
from vitals.alert import Priority
from vitals.ids import AlertId, PatientId
from vitals.patient import Programme

SignIn = Callable[..., Page]
_CLOSE_ALL = """
    UPDATE alerts SET closed_at = now(), outcome = 'acted'
    WHERE patient_id = ANY(%s) AND closed_at IS NULL
"""
TEN = [PatientId(f"p-key-{number}") for number in range(10)]


@pytest.fixture
def ten_alerts(dashboard: Dashboard) -> Iterator[dict[PatientId, AlertId]]:
    """Ten patients more, each with an urgent alert older than any other; afterwards none is open."""
    now = utc_now()
    with dashboard.database() as connection:
        for number, patient_id in enumerate(TEN):
            who = patient(patient_id, "Key", f"Board {number}", Programme.HEART_FAILURE)
            patients.add(connection, who, enrolled_at=now - timedelta(days=90))
        yield {
            patient_id: raise_alert(connection, patient_id, Priority.HIGH, now, ago_minutes=300 - number)
            for number, patient_id in enumerate(TEN)
        }
        connection.execute(_CLOSE_ALL, [TEN])


def test_ten_alerts_are_worked_off_without_a_mouse(
    sign_in: SignIn, dashboard: Dashboard, ten_alerts: dict[PatientId, AlertId]
) -> None:
    page = sign_in()
    keys, banner, dialog = page.keyboard, page.locator("#alert-banner"), page.get_by_role("dialog")
    for number, alert_id in enumerate(ten_alerts.values()):
        keys.press("j")
        expect(page).to_have_url(re.compile(f"/app/alerts/{alert_id}$"))
        expect(page.get_by_role("heading", level=1, name=f"Key Board {number}")).to_be_visible()
        keys.press("a")
        expect(banner).to_contain_text("Yours")
        if number == 3:
            keys.press("c")
            expect(dialog).to_contain_text(f"Key Board {number}")
            keys.press("Tab")
            keys.press("Space")  # spoken to: nothing is said for the nurse
            keys.press("Tab")
            keys.type("7")
            keys.press("Tab")
            keys.type("Well; ankles as usual.")
            keys.press("Tab")
            keys.press("Tab")
            keys.press("Enter")
            expect(dialog).to_be_hidden()
            expect(page.locator(".history")).to_contain_text("Well; ankles as usual.")
        keys.press("r")
        expect(dialog).to_be_visible()
        keys.press("Space")
        keys.press("ArrowDown")  # from "Acted on" to "True, nothing needed"
        keys.press("Enter")
        expect(dialog).to_be_hidden()
        expect(banner).to_contain_text("Closed: True, nothing needed")
    outcomes = dashboard.rows(
        "SELECT outcome, count(*) FROM alerts WHERE alert_id = ANY(%s) GROUP BY outcome",
        list(ten_alerts.values()),
    )
    assert outcomes == [("no_action", 10)]


def test_keys_that_are_off_do_nothing_and_the_buttons_still_do(sign_in: SignIn, dashboard: Dashboard) -> None:
    page = sign_in(path="/app/settings", row=False)
    page.get_by_role("radio", name="Off").check()
    page.goto(f"{dashboard.url}/app/alerts/{dashboard.alerts[DOROTHY]}")
    expect(page.get_by_role("heading", level=1, name="Dorothy Rahman")).to_be_visible()
    painted(page)
    for key in ("?", "n", "r", "j"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile(f"/app/alerts/{dashboard.alerts[DOROTHY]}$"))
    page.locator("#action-note").click()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_dialog_names_the_patient_takes_the_focus_gives_it_back_and_passes_axe(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]], theme: str
) -> None:
    page = sign_in(theme=theme, path=f"/app/alerts/{dashboard.alerts[LONG]}")
    dialog = page.get_by_role("dialog")
    expect(page.locator("#action-note")).to_be_visible()
    for action in ("call", "note", "snooze", "escalate", "close", "message", "limit", "pause"):
        button = page.locator(f"#action-{action}")
        button.focus()
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("Maximiliana-Konstantina")
        assert page.evaluate("document.querySelector('dialog').contains(document.activeElement)"), action
        assert violations(page) == [], action
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(button).to_be_focused()


def test_a_limit_shows_what_it_would_have_done_before_it_is_set(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    page = sign_in(path=f"/app/patients/{LONG}", row=False)
    page.locator("#action-limit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Which limit?").select_option("spo2_low")
    expect(dialog.locator(".preview")).to_contain_text("Type a value")
    dialog.get_by_label("New value").fill("94")
    expect(dialog.locator(".preview")).to_contain_text("In the last 60 days this limit would have made")
    page.keyboard.press("Escape")
    assert dashboard.rows("SELECT count(*) FROM limits WHERE patient_id = %s AND value = 94", LONG) == [(0,)]


def test_a_reading_is_corrected_and_another_given_to_whoever_measured(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    page = sign_in(path=f"/app/patients/{LONG}", row=False)
    card = page.locator(".chart-card", has_text="Weight").first
    card.get_by_text("Readings as a table").click()
    dialog = page.get_by_role("dialog")
    card.get_by_role("button", name=re.compile("^Decide about")).nth(3).click()
    dialog.get_by_label("Correct the value").check()
    dialog.get_by_label("The right value").fill("79.9")
    dialog.get_by_label("Why?").fill("Typed in wrongly")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(card.get_by_role("row").nth(4)).to_contain_text("79.9")
    rows = card.get_by_role("row").count()
    card.get_by_role("button", name=re.compile("^Decide about")).nth(4).click()
    dialog.get_by_label("Somebody else measured").check()
    dialog.get_by_label("The patient's record number").fill(f"MRN-{DOROTHY}")
    dialog.get_by_label("Why?").fill("His wife stood on it")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(card.get_by_role("row")).to_have_count(rows - 1)
