"""Two nurses in two browsers: nothing is overwritten, and what is handed over is accepted by a person."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from store import alerts as stored_alerts
from tests.harness.desk import QUIET, SARA, TOM, Dashboard
from tests.harness.small_ward import WARD
from vitals.alert_event import Escalated
from vitals.ids import AlertId

SignIn = Callable[..., Page]
_TIME_IS_UP = "UPDATE alerts SET snoozed_until = now() - interval '1 second' WHERE alert_id = %s"


def test_whoever_is_second_is_told_who_was_first_and_overwrites_nothing(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    sara, tom = sign_in(path=f"/app/alerts/{alert_id}"), sign_in(TOM, path=f"/app/alerts/{alert_id}")
    expect(tom.get_by_role("button", name="Acknowledge")).to_be_enabled()
    # Tom's screen hears nothing more, as in the second before the news would reach it.
    tom.evaluate("window.dash_clientside.set_props = () => {}")
    sara.get_by_role("button", name="Acknowledge").click()
    expect(sara.locator("#alert-banner")).to_contain_text("Yours")
    tom.get_by_role("button", name="Acknowledge").click()
    notice = tom.get_by_role("alert").filter(has_text="Somebody was quicker")
    expect(notice).to_contain_text(re.compile(r"Sara Lind acknowledged this \d+ s ago\."))
    expect(tom.locator("#alert-banner")).to_contain_text("Sara Lind")
    with dashboard.database() as connection:
        stored = stored_alerts.get(connection, alert_id)
    assert stored is not None
    assert (stored.owner, stored.rev) == (SARA.staff_id, 2)


def test_an_escalation_is_accepted_in_the_second_browser(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    sara, tom = sign_in(path=f"/app/alerts/{alert_id}"), sign_in(TOM, path=f"/app/alerts/{alert_id}")
    sara.get_by_role("button", name="Acknowledge").click()
    expect(sara.locator("#alert-banner")).to_contain_text("Yours")
    sara.keyboard.press("e")
    dialog = sara.get_by_role("dialog")
    expect(dialog).to_contain_text("Quentin Quiet")
    expect(dialog.get_by_label("To whom?")).not_to_contain_text("Sara Lind")
    expect(dialog.get_by_label("To whom?")).not_to_contain_text("Far Away")
    dialog.get_by_label("To whom?").select_option(label="Tom Becker · Nurse")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_be_visible()  # not without the words
    words = "88 kg, up 2.5 in 3 days. Breathless. Please ring the GP before noon."
    dialog.get_by_label("Situation, background").fill(words)
    dialog.get_by_role("button", name="Send").click()
    expect(sara.locator("#alert-banner")).to_contain_text("Waiting for Tom Becker")
    expect(tom.locator(".history")).to_contain_text(words)
    tom.get_by_role("button", name="Accept").click()
    expect(tom.locator("#alert-banner")).to_contain_text("Yours")
    expect(sara.locator("#alert-banner")).to_contain_text("Tom Becker")
    expect(sara.locator(".history")).to_contain_text(re.compile("Tom Becker accepted"))
    with dashboard.database() as connection:
        stored = stored_alerts.get(connection, alert_id)
        events = stored_alerts.events(connection, alert_id)
    assert stored is not None
    assert (stored.owner, stored.accepted_by) == (TOM.staff_id, TOM.staff_id)
    assert [event.what.to for event in events if isinstance(event.what, Escalated)] == [TOM.staff_id]


def test_a_snooze_needs_a_reason_leaves_the_list_and_comes_back_by_itself(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    page = sign_in(path=f"/app/alerts/{alert_id}")
    row = page.locator(f'[data-alert="{alert_id}"]')
    expect(row).to_be_visible()
    page.locator("#action-snooze").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("1 hour").check()
    dialog.get_by_role("button", name="Snooze").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Why?").fill("Asked for a repeat reading")
    dialog.get_by_role("button", name="Snooze").click()
    expect(page.locator("#alert-banner")).to_contain_text("Snoozed until")
    expect(page.locator("#alert-banner")).to_contain_text("Asked for a repeat reading")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Snoozed 1").click()
    # An hour from now is tomorrow, in the last hour of a day.
    expect(row).to_contain_text(re.compile(r"Until (today|\d\d-[A-Z][a-z]{2}) \d\d:\d\d"))
    page.get_by_role("button", name="All", exact=True).click()
    expect(row).to_have_count(0)
    with dashboard.database() as connection:
        connection.execute(_TIME_IS_UP, [alert_id])
        connection.execute("SELECT pg_notify('ward_changed', %s)", [f"alert:{alert_id}:{QUIET}:{WARD}"])
    news = page.get_by_role("button", name="1 new alert – show")
    expect(row.or_(news).first).to_be_visible()
    if news.is_visible():
        news.click()
    expect(row).to_be_visible()


@pytest.mark.parametrize("deed", ["acknowledge", "claim", "accept", "snooze", "escalate"])
def test_what_was_done_is_taken_back_from_its_notice(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId, deed: str
) -> None:
    with dashboard.sign_in(TOM) as tom:
        if deed in ("claim", "accept"):
            tom.post(f"/api/alerts/{alert_id}/acknowledge", json={"rev": 1}).raise_for_status()
        if deed == "accept":
            fields = {"rev": 2, "to": SARA.staff_id, "text": "Please."}
            tom.post(f"/api/alerts/{alert_id}/escalate", json=fields).raise_for_status()
    with dashboard.database() as connection:
        before = stored_alerts.get(connection, alert_id)
    page = sign_in(path=f"/app/alerts/{alert_id}")
    page.locator(f"#action-{deed}").click()
    if deed == "snooze":
        page.get_by_label("Why?").fill("Seeing their doctor about it")
        page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
    if deed == "escalate":
        page.get_by_label("To whom?").select_option(label="Tom Becker · Nurse")
        page.get_by_label("Situation, background").fill("Please look.")
        page.get_by_role("dialog").get_by_role("button", name="Send").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#notices")).to_contain_text("Taken back.")
    expect(page.locator(f"#action-{deed}")).to_be_visible()
    expect(page.locator(".history")).to_contain_text("took back an action")
    with dashboard.database() as connection:
        after = stored_alerts.get(connection, alert_id)
    assert before is not None
    assert after is not None
    assert (after.owner, after.acknowledged_at, after.snoozed_until, after.accepted_by, after.escalation) == (
        before.owner, before.acknowledged_at, before.snoozed_until, before.accepted_by, before.escalation,
    )  # fmt: skip


def test_a_deep_link_leads_through_the_sign_in_to_its_alert_and_another_wards_is_none(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    page = sign_in()
    page.context.clear_cookies()
    page.goto(f"{dashboard.url}/app/alerts/{alert_id}")
    page.get_by_label("E-mail").fill(SARA.email)
    page.get_by_label("Password").fill("not-a-secret-in-tests")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(f"/app/alerts/{alert_id}$"))
    expect(page.get_by_role("heading", level=1, name="Quentin Quiet")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Quentin Quiet")).to_be_visible()
    page.goto(f"{dashboard.url}/app/alerts/999999999")
    expect(page.get_by_text("There is no such alert on your ward")).to_be_visible()
