"""A nurse's journeys in a real browser: from the sign-in to the closed alert, without a reload."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from runtime.clock import utc_now
from store import alerts as stored_alerts
from tests.harness.desk import (
    DOROTHY,
    GAIN_WORDS,
    KWAME,
    LONG_NAME,
    PASSWORD,
    QUIET,
    SARA,
    SCRIPT,
    TOM,
    Dashboard,
    close_alerts,
    raise_alert,
)
from vitals.alert import Outcome, Priority
from vitals.ids import AlertId

SignIn = Callable[..., Page]


@pytest.fixture
def fresh_alert(dashboard: Dashboard, request: pytest.FixtureRequest) -> Iterator[AlertId]:
    """An open alert of Quentin Quiet's for this test alone; afterwards none of his is open."""
    with dashboard.database() as connection:
        yield raise_alert(connection, QUIET, Priority.MEDIUM, utc_now(), problem=request.node.name)
        close_alerts(connection, QUIET)


def open_alert(page: Page, alert_id: AlertId) -> None:
    page.locator(f'[data-alert="{alert_id}"]').click()
    expect(page).to_have_url(re.compile(f"/app/alerts/{alert_id}$"))


def test_sign_in_worklist_patient_acknowledge_note_close_without_a_reload(
    sign_in: SignIn, dashboard: Dashboard, fresh_alert: AlertId
) -> None:
    page = sign_in()
    page.context.clear_cookies()
    page.goto(f"{dashboard.url}/app/alerts")
    page.get_by_label("E-mail").fill(SARA.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.evaluate("window.sameDocument = true")
    open_alert(page, fresh_alert)
    banner = page.locator("#patient-banner")
    expect(banner.get_by_role("heading", name="Quentin Quiet")).to_be_visible()
    expect(banner).to_contain_text("17-May-1948")
    expect(banner).to_contain_text("Allergies not recorded")
    expect(page.locator("#alert-banner")).to_contain_text(GAIN_WORDS)
    expect(page.locator("#alert-banner")).to_contain_text("Limit 2 kg, from the programme")
    expect(page.locator("#alert-banner")).to_contain_text("Are your feet, legs or belly swollen?")
    first_chart = page.locator(".chart-card").first
    expect(first_chart).to_contain_text("Weight")
    expect(first_chart.locator("svg.chart")).to_be_visible()

    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#alert-banner")).to_contain_text("Yours")
    expect(page.locator(f'[data-alert="{fresh_alert}"]')).to_contain_text("Seen")

    page.get_by_role("button", name="Note").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Quentin Quiet")
    dialog.get_by_role("textbox", name="Note").fill("Rang. Ankles swollen, no breathlessness.")
    dialog.get_by_role("button", name="Save note").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".history")).to_contain_text("Rang. Ankles swollen, no breathlessness.")

    page.locator("#action-close").click()
    dialog.get_by_label("Acted on").check()
    dialog.get_by_role("button", name="Close alert").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#alert-banner")).to_contain_text("Closed: Acted on")
    expect(page.locator(f'[data-alert="{fresh_alert}"]')).to_have_count(0)
    assert page.evaluate("window.sameDocument") is True
    with dashboard.database() as connection:
        stored = stored_alerts.get(connection, fresh_alert)
    assert stored is not None
    assert stored.outcome is Outcome.ACTED


def test_a_close_is_taken_back_from_its_notice(sign_in: SignIn, fresh_alert: AlertId) -> None:
    page = sign_in(path=f"/app/alerts/{fresh_alert}")
    page.locator("#action-close").click()
    page.get_by_label("Expected for this patient").check()
    page.get_by_role("button", name="Close alert").click()
    expect(page.locator("#alert-banner")).to_contain_text("Closed")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#alert-banner")).not_to_contain_text("Closed")
    expect(page.locator(f'[data-alert="{fresh_alert}"]')).to_be_visible()


def test_a_colleagues_action_shows_on_the_second_screen_by_itself(
    sign_in: SignIn, fresh_alert: AlertId
) -> None:
    sara, tom = sign_in(), sign_in(TOM)
    open_alert(sara, fresh_alert)
    open_alert(tom, fresh_alert)
    tom.get_by_role("button", name="Acknowledge").click()
    expect(sara.locator("#alert-banner")).to_contain_text("Tom Becker")
    expect(sara.get_by_role("button", name="Take over")).to_be_visible()
    expect(sara.locator(f'[data-alert="{fresh_alert}"]')).to_contain_text("Seen")


def test_whoever_acts_on_what_has_moved_is_told_who_was_quicker(
    sign_in: SignIn, dashboard: Dashboard, fresh_alert: AlertId
) -> None:
    page = sign_in()
    open_alert(page, fresh_alert)
    expect(page.get_by_role("button", name="Acknowledge")).to_be_visible()
    page.locator("#action-note").click()
    page.get_by_role("textbox", name="Note").fill("My words must not be lost.")
    with dashboard.sign_in(TOM) as tom:
        assert tom.post(f"/api/alerts/{fresh_alert}/acknowledge", json={"rev": 1}).status_code == 200
    expect(page.locator(f'[data-alert="{fresh_alert}"]')).to_contain_text("Seen")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("My words must not be lost.")
    expect(page.get_by_role("dialog")).to_contain_text("Meanwhile: Tom Becker acknowledged.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator(".history")).to_contain_text("My words must not be lost.")


def test_a_new_alert_waits_behind_a_pill_and_only_an_urgent_one_makes_a_notice(
    sign_in: SignIn, dashboard: Dashboard, fresh_alert: AlertId
) -> None:
    page = sign_in()
    expect(page.locator("#live-light")).to_contain_text("Live")
    page.mouse.move(200, 400)
    before = page.locator(".row-name").all_inner_texts()
    with dashboard.database() as connection:
        close_alerts(connection, QUIET)
        urgent = raise_alert(connection, QUIET, Priority.HIGH, utc_now(), problem="urgent_now")
    expect(page.get_by_role("button", name="1 new alert – show")).to_be_visible()
    assert page.locator(".row-name").all_inner_texts() == before
    expect(page.get_by_role("alert")).to_contain_text("Quentin Quiet")
    page.get_by_role("button", name="1 new alert – show").click()
    expect(page.locator(f'[data-alert="{urgent}"]')).to_be_visible()


def test_the_worklist_is_filtered_and_searched(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_label("Find a patient by name or number").fill("kwame")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".row")).to_contain_text("Kwame Roberts")
    page.get_by_label("Find a patient by name or number").fill("nobody at all")
    expect(page.get_by_text("No open alert matches.")).to_be_visible()
    page.get_by_label("Find a patient by name or number").fill("")
    page.get_by_role("button", name=re.compile("^Routine")).click()
    expect(page.locator(".section")).to_have_count(1)


def test_routine_alerts_are_acknowledged_together_and_that_is_taken_back(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    alert = dashboard.alerts[SCRIPT]
    page = sign_in()
    page.get_by_role("button", name=re.compile("^Urgent")).click()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".row-pick")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Urgent")).click()
    page.get_by_role("button", name=re.compile("^Routine")).click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Acknowledge 1 routine").click()
    expect(page.locator(f'[data-alert="{alert}"]')).to_contain_text("Seen")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f'[data-alert="{alert}"]')).not_to_contain_text("Seen")


def test_a_name_is_shown_whole_and_as_text_whatever_is_in_it(sign_in: SignIn, dashboard: Dashboard) -> None:
    page = sign_in(width=390, height=844)
    expect(page.locator(".row-name", has_text=LONG_NAME)).to_be_visible()
    expect(
        page.locator(".row-name", has_text="<script>window.broken = true</script> O'Neill & Sons")
    ).to_be_visible()
    assert page.evaluate("window.broken === undefined")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator(".row-name", has_text=LONG_NAME).click()
    expect(page.get_by_role("heading", name=LONG_NAME)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # The likeliest actions are one row for the thumb; the rest come on demand.
    expect(page.locator("#action-close")).to_be_visible()
    expect(page.locator("#action-note")).to_be_hidden()
    page.get_by_role("button", name="More").click()
    page.locator("#action-note").click()
    expect(page.get_by_role("dialog")).to_contain_text(LONG_NAME)
    expect(page.locator("#action-note")).to_be_hidden()


def test_triage_by_keyboard_alone(sign_in: SignIn, dashboard: Dashboard) -> None:
    page = sign_in()
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"/app/alerts/{dashboard.alerts[DOROTHY]}$"))
    expect(page.get_by_role("heading", name="Dorothy Rahman")).to_be_visible()
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"/app/alerts/{dashboard.alerts[KWAME]}$"))
    expect(page.get_by_role("heading", name="Kwame Roberts")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Dorothy Rahman")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("j")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_theme_is_turned_and_remembered(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_role("button", name="Use dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_an_ended_session_hides_the_patients(sign_in: SignIn, dashboard: Dashboard) -> None:
    page = sign_in(TOM)
    page.locator("#person-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_chart_shows_the_reading_under_the_pointer_and_grows_on_demand(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    page = sign_in(path=f"/app/alerts/{dashboard.alerts[DOROTHY]}")
    pressure = page.locator("#chart-blood_pressure")
    pressure.locator(".chart-mark").first.hover()
    expect(pressure.locator(".chart-tip")).to_contain_text("mmHg")
    assert page.evaluate("window.Plotly === undefined")
    page.get_by_role("button", name="Enlarge: Blood pressure").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".main-svg").first).to_be_visible(timeout=60_000)  # 5 MB to read, on a busy machine
    expect(dialog).to_contain_text("Dorothy Rahman")
    # Only buttons that look: none takes the patient's readings off this machine.
    titles = [button.get_attribute("data-title") for button in dialog.locator(".modebar-btn").all()]
    assert titles == ["Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"]
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_each_patient_has_their_own_charts_and_a_gap_stays_a_gap(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    page = sign_in(path=f"/app/alerts/{dashboard.alerts[KWAME]}")
    first = page.locator(".chart-card").first
    expect(first.get_by_role("heading")).to_have_text("Oxygen (SpO₂)")
    expect(first.locator("svg.chart")).to_have_attribute("aria-label", re.compile("Oxygen.*9[45] %.*range"))
    shown = first.locator("circle").count()
    # Of fourteen days four had no reading; what other tests of this ward decided about one is another shape.
    [(counted,)] = dashboard.rows(
        """SELECT count(*) FROM observations WHERE patient_id = %s AND measure = 'spo2'
           AND standing = 'accepted' AND measured_at > now() - interval '14 days'""",
        KWAME,
    )
    assert shown == counted
    assert shown >= 8
    assert first.locator("svg.chart > g[stroke-width='1.6'] line").count() == shown - 2
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Dorothy Rahman")).to_be_visible()
    expect(first.get_by_role("heading")).to_have_text("Weight")
    page.get_by_role("button", name="30 days").click()
    # Other tests of this ward may have given her another reading.
    [(weighed,)] = dashboard.rows(
        "SELECT count(*) FROM observations WHERE patient_id = %s AND measure = 'weight'", DOROTHY
    )
    assert isinstance(weighed, int)
    assert weighed >= 26
    expect(first.locator("circle")).to_have_count(weighed)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_view_passes_axe(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]], theme: str, width: int
) -> None:
    page = sign_in(width=width, theme=theme)
    assert violations(page) == []
    open_alert(page, dashboard.alerts[DOROTHY])
    expect(page.locator("svg.chart").first).to_be_visible()
    assert violations(page) == []
    page.get_by_text("Readings as a table").first.click()
    page.locator("#action-close").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
