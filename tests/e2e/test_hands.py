"""What a nurse's hands do: no key does what it did not mean, nothing typed is lost, no button dies."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect

from tests.harness.cable import cable_to
from tests.harness.desk import LONG, PASSWORD, SARA, TOM, Dashboard
from tests.harness.waiting import wait_until
from vitals.ids import AlertId

SignIn = Callable[..., Page]
_OWNER = "SELECT owner FROM alerts WHERE alert_id = %s"
_STOP_THE_CLOCK = "() => { const at = Date.now(); Date.now = () => at; }"
_FOUR_SECONDS_LATER = "() => { const at = Date.now() + 4000; Date.now = () => at; }"
WORDS = "Rang. Ankles swollen, no breathlessness."


def test_a_request_that_is_lost_leaves_the_words_and_every_button_and_is_said_in_the_dialog(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    with cable_to(dashboard.url) as cable:
        page = sign_in(path=f"/app/alerts/{alert_id}", cable=cable)
        page.locator("#action-note").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("textbox", name="Note").fill(WORDS)
        cable.cut()
        dialog.get_by_role("button", name="Save note").click()
        said = dialog.get_by_role("alert").filter(has_text="The hub does not answer")
        said.get_by_role("button", name="Dismiss").click()
        expect(dialog.get_by_role("button", name="Save note")).to_be_enabled()
        expect(dialog.get_by_role("textbox", name="Note")).to_have_value(WORDS)
        cable.mend()
        dialog.get_by_role("button", name="Save note").click()
        expect(dialog).to_be_hidden()
        expect(page.locator(".history")).to_contain_text(WORDS)


def test_a_session_that_ends_under_a_dialog_hides_it_and_keeps_the_words_for_their_author(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    page = sign_in(path=f"/app/alerts/{alert_id}", ends=True)
    page.locator("#action-note").click()
    page.get_by_role("textbox", name="Note").fill(WORDS)
    page.context.clear_cookies()
    page.get_by_role("button", name="Save note").click()
    ended = page.get_by_role("alertdialog")
    expect(ended).to_contain_text("You are signed out")
    assert page.evaluate("document.elementFromPoint(700, 450).closest('.signed-out') !== null")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    ended.get_by_role("link", name="Sign in again").click()
    page.get_by_label("E-mail").fill(SARA.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(f"/app/alerts/{alert_id}$"))
    page.locator("#action-note").click()
    expect(page.get_by_role("textbox", name="Note")).to_have_value(WORDS)
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".history")).to_contain_text(WORDS)
    page.locator("#action-note").click()
    expect(page.get_by_role("textbox", name="Note")).to_have_value("")


def test_a_key_that_meant_acknowledge_takes_nothing_over_and_who_loses_an_alert_is_told(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    toms = sign_in(TOM, path="/app/settings", row=False)
    page = sign_in(path=f"/app/alerts/{alert_id}")
    expect(page.locator("#action-acknowledge")).to_be_enabled()
    page.evaluate(_STOP_THE_CLOCK)
    with dashboard.sign_in(TOM) as tom:
        tom.post(f"/api/alerts/{alert_id}/acknowledge", json={"rev": 1}).raise_for_status()
    expect(page.locator("#action-claim")).to_be_enabled()
    page.keyboard.press("a")
    said = page.get_by_role("alert").filter(has_text="look again")
    expect(said).to_contain_text("Tom Becker acknowledged.")
    page.locator("#action-claim").click()  # where Acknowledge was a moment ago
    expect(page.locator("#action-claim")).to_be_enabled()
    page.evaluate(_FOUR_SECONDS_LATER)
    page.keyboard.press("a")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    assert dashboard.rows(_OWNER, alert_id) == [(TOM.staff_id,)]
    page.keyboard.press("o")
    expect(page.locator("#alert-banner")).to_contain_text("Yours")
    expect(toms.get_by_text("Sara Lind has it now: Quentin Quiet")).to_be_visible()


def test_the_answer_for_a_value_that_was_typed_before_is_never_shown_for_this_one(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"value":94' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page = sign_in(path=f"/app/patients/{LONG}", row=False)
    page.route("**/limits/preview", hold)
    page.locator("#action-limit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Which limit?").select_option("spo2_low")
    preview, setting = dialog.locator(".preview"), dialog.get_by_role("button", name="Set limit")
    expect(setting).to_be_disabled()
    dialog.get_by_label("New value").fill("94")
    expect(preview).to_contain_text("Working it out")
    expect(setting).to_be_disabled()
    wait_until(lambda: page.evaluate("true") and held, what="the first value is asked for")
    dialog.get_by_label("New value").fill("88")
    expect(preview).to_contain_text("This limit must stay on its side of spo2_critical")
    expect(setting).to_be_disabled()
    before = preview.inner_text()
    preview.evaluate("element => { element.title = 'changed 0'; new MutationObserver(() => "
                     "{ element.title = 'changed'; }).observe(element, {subtree: true, childList: true, "
                     "characterData: true}); }")  # fmt: skip
    with page.expect_response("**/limits/preview") as late:
        held[0].continue_()
    late.value.finished()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert (preview.inner_text(), preview.get_attribute("title")) == (before, "changed 0")
    dialog.get_by_label("New value").fill("90")
    expect(preview).to_contain_text("In the last 60 days")
    expect(setting).to_be_enabled()
    dialog.get_by_label("New value").fill("20")
    expect(preview).to_contain_text("outside the safe values")
    expect(setting).to_be_disabled()


def test_nothing_is_said_for_a_nurse_and_the_keyboard_goes_on_from_the_alert(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    page = sign_in(path=f"/app/alerts/{alert_id}")
    title = page.locator("#alert-title")
    page.locator("#action-acknowledge").focus()
    page.keyboard.press("Enter")
    expect(title).to_contain_text("Yours")
    expect(title).to_be_focused()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Minutes (optional)")).to_have_value("")
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()  # whether they were spoken to is for the nurse to say
    dialog.get_by_label("Yes").check()
    page.keyboard.press("Enter")
    expect(page.locator(".history")).to_contain_text("spoke with the patient")
    expect(page.locator(".history")).not_to_contain_text("min")
    expect(dialog).to_have_count(0)
    page.locator("#action-close").focus()
    page.keyboard.press("Enter")
    dialog.get_by_label("Acted on").check()
    page.keyboard.press("Enter")
    expect(title).to_contain_text("Closed")
    expect(title).to_be_focused()


def test_one_key_leads_past_the_bar_to_the_list_and_from_the_list_to_the_patient(
    sign_in: SignIn, dashboard: Dashboard, alert_id: AlertId
) -> None:
    page = sign_in(path=f"/app/alerts/{alert_id}")
    expect(page.locator(f'[data-alert="{alert_id}"]')).to_have_attribute("aria-current", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the alerts")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(f'[data-alert="{alert_id}"]')).to_be_focused()
    page.locator("#worklist-rows").get_by_role("link", name="Skip to the patient").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
