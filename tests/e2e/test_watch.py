"""Whether anybody watches and can be told: in trouble it shows on every screen, in a real browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from runtime.clock import utc_now
from store import gateways, heartbeats, troubles
from store.gateways import GatewaySaid
from tests.harness.cable import cable_to
from tests.harness.desk import DOROTHY, KWAME, QUIET, Dashboard, raise_alert
from tests.harness.small_ward import WARD
from vitals.alert import Priority
from vitals.ids import GatewayId

SignIn = Callable[..., Page]
_CHANNEL_FAILS = """
    INSERT INTO channel_health (channel, failing_since, failures, why)
    VALUES ('mail', now() - interval '20 minutes', 3, 'connection refused')
    ON CONFLICT (channel) DO UPDATE SET failing_since = excluded.failing_since
"""
_FALLS_SILENT = "UPDATE heartbeats SET beat_at = now() - interval '9 minutes' WHERE process = %(process)s"


@pytest.fixture
def healthy(dashboard: Dashboard) -> Iterator[Dashboard]:
    """The ward, which is left without any trouble again."""
    yield dashboard
    dashboard.beating |= {"alerts", "ingest"}
    with dashboard.database() as connection:
        connection.execute("DELETE FROM channel_health")
        connection.execute("DELETE FROM heartbeats WHERE process = 'notify'")
        connection.execute("DELETE FROM gateways WHERE gateway_id = 'gw-lost'")
        troubles.note_staffing(connection, WARD, [], nobody=False, now=utc_now())
        heartbeats.beat(connection, "alerts"), heartbeats.beat(connection, "ingest")


def silence(dashboard: Dashboard, process: str) -> None:
    dashboard.beating.discard(process)
    with dashboard.database() as connection:
        connection.execute(_FALLS_SILENT, {"process": process})


def test_a_channel_that_fails_shows_on_the_bar_and_in_full_under_settings(
    sign_in: SignIn, healthy: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    page = sign_in()
    expect(page.locator("#live-light")).to_contain_text("Live")
    expect(page.locator("#troubles")).to_have_count(0)
    with healthy.database() as connection:
        heartbeats.beat(connection, "notify", detail="0 delivered")
        connection.execute(_CHANNEL_FAILS)
        troubles.note_staffing(connection, WARD, ["nurse", "lead"], nobody=True, now=utc_now())
        gateways.add(connection, GatewayId("gw-lost"), label="Flat 9", enrolled_at=utc_now())
        gateways.note(connection, GatewaySaid(gateway_id=GatewayId("gw-lost"), online=False), now=utc_now())
    pill = page.locator("#troubles")
    expect(pill).to_contain_text("Nobody is on duty who can be notified")
    expect(pill).to_contain_text("+1")
    assert violations(page) == []
    pill.click()
    now = page.locator("#page-settings")
    expect(now).to_contain_text(re.compile("mail does not work since (today|yesterday)"))
    expect(now).to_contain_text("mail: connection refused")
    expect(now).to_contain_text("1 gateway is offline")
    expect(now).to_contain_text(re.compile(r"Rules\d+ s ago"))
    assert violations(page) == []
    with healthy.database() as connection:
        connection.execute("DELETE FROM channel_health")
        troubles.note_staffing(connection, WARD, [], nobody=False, now=utc_now())
    expect(pill).to_have_count(0)


@pytest.mark.parametrize(
    ("process", "words"),
    [("ingest", "No readings taken in for 9 min"), ("alerts", "Rules have not run for 9 min")],
)
def test_a_process_that_falls_silent_shows_on_every_screen(
    sign_in: SignIn, healthy: Dashboard, process: str, words: str
) -> None:
    page = sign_in()
    silence(healthy, process)
    expect(page.locator(".bar")).to_contain_text(words)
    phone = sign_in(width=390, height=844)
    expect(phone.locator(".bar .light-bad").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_with_the_network_cut_the_screen_says_so_and_catches_up_when_it_is_back(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    with cable_to(dashboard.url) as cable:
        page = sign_in(cable=cable)
        light = page.locator("#live-light")
        expect(light).to_contain_text("Live")
        cable.cut()
        expect(light).to_contain_text("Not updating")
        expect(light).to_contain_text("Nothing heard for")
        with dashboard.database() as connection:
            missed = raise_alert(connection, QUIET, Priority.MEDIUM, utc_now(), problem="while_cut")
        cable.mend()
        expect(light).to_contain_text("Live", timeout=30_000)
        news = page.get_by_role("button", name="1 new alert – show")
        row = page.locator(f'[data-alert="{missed}"]')
        expect(news.or_(row).first).to_be_visible()
        with dashboard.database() as connection:
            connection.execute(
                "UPDATE alerts SET closed_at = now(), outcome = 'acted' WHERE alert_id = %s", [missed]
            )


def test_a_line_that_is_open_but_silent_shows_as_not_updating_and_is_made_anew(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    """The hub, or a proxy before it, accepts whatever comes and says nothing: no error tells the page so."""
    with cable_to(dashboard.url) as cable:
        page = sign_in(cable=cable)
        light = page.locator("#live-light")
        expect(light).to_contain_text("Live")
        assert page.evaluate("window.hearthward.quietAfter") == 40_000
        cable.swallow()
        page.evaluate("window.hearthward.quietAfter = 6000")  # the 40 s of every page would be 40 s of ours
        expect(light).to_contain_text("Not updating")
        expect(light).to_contain_text("Nothing heard for")
        cable.mend()
        expect(light).to_contain_text("Live", timeout=30_000)


def test_while_the_next_alert_cannot_be_fetched_nothing_is_done_to_the_last_one(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    """The keys and buttons belong to the alert on the screen, which is not the one that was chosen."""
    rev = "SELECT rev FROM alerts WHERE alert_id = %s"
    before = dashboard.rows(rev, dashboard.alerts[KWAME])
    with cable_to(dashboard.url) as cable:
        page = sign_in(path=f"/app/alerts/{dashboard.alerts[KWAME]}", cable=cable)
        note = page.locator("#action-note")
        expect(note).to_be_enabled()
        cable.cut()
        expect(page.locator("#live-light")).to_contain_text("Not updating")
        page.keyboard.press("k")
        page.wait_for_url(f"**/app/alerts/{dashboard.alerts[DOROTHY]}")
        expect(note).to_be_disabled()
        for key in ("a", "n", "c"):
            page.keyboard.press(key)
        expect(page.get_by_role("dialog")).to_have_count(0)
        cable.mend()
        expect(page.get_by_role("heading", name="Dorothy Rahman")).to_be_visible(timeout=30_000)
        expect(note).to_be_enabled()
    assert dashboard.rows(rev, dashboard.alerts[KWAME]) == before
