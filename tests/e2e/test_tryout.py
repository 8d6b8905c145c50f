"""A limit tried from the page of the rules: what is lost, what fails, two at once, and a phone at night."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from alerts import actions
from runtime.clock import utc_now
from store import alerts as stored
from store.connection import transaction
from tests.e2e.test_pages import _pressure, visit
from tests.harness.desk import LONG, SARA, TOM, Dashboard, raise_alert
from tests.harness.waiting import wait_until
from vitals.alert import Outcome, Priority
from vitals.ids import AlertId
from vitals.measure import Measure

SignIn = Callable[..., Page]


def propose(page: Page, value: str, button: str = "Try on this ward") -> None:
    page.locator("#try-limit").select_option("systolic_crisis")
    page.locator("#try-value").fill(value)
    page.get_by_role("button", name=button).click()


def crisis_that_was_acted_on(dashboard: Dashboard) -> AlertId:
    """A crisis three days ago, confirmed by its repeat, and the alert of it that Sara acted on."""
    now = utc_now()
    with dashboard.database() as connection:
        for minutes in (0, 12):
            _pressure(connection, 184, 96, now - timedelta(days=3, minutes=20 - minutes), LONG)
        connection.execute("UPDATE observations SET stored_at = received_at WHERE reading_id LIKE 'pilot-%'")
        alert_id = raise_alert(
            connection, LONG, Priority.MEDIUM, now, ago_minutes=3 * 24 * 60,
            measure=Measure.SYSTOLIC, problem="pressure_high",
        )  # fmt: skip
        alert = stored.get(connection, alert_id)
        assert alert is not None
        at = now - timedelta(days=2)
        actions.close(connection, alert_id, rev=alert.rev, actor=SARA.staff_id, now=at, outcome=Outcome.ACTED)
    return alert_id


def test_a_lost_alert_that_was_acted_on_stands_out_on_a_phone_in_spanish_and_in_the_dark(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[..., list[str]]
) -> None:
    alert_id = crisis_that_was_acted_on(dashboard)
    page = sign_in(width=390, height=844, theme="dark")
    page.context.add_cookies([{"name": "hearthward_language", "value": "es", "url": dashboard.url}])
    page.goto(f"{dashboard.url}/app/rules")
    propose(page, "195", "Probar en esta unidad")
    found = page.locator(".tryout-found")
    expect(found).to_be_visible(timeout=60_000)
    expect(found.locator("p.tryout-acted")).to_contain_text(
        re.compile(r"^En [1-9]\d* de las alertas perdidas se actuó")
    )
    lost = found.locator("li.tryout-acted").first
    expect(lost).to_contain_text("184/96")
    expect(lost.locator(f"a[href='/app/alerts/{alert_id}']")).to_be_visible()
    expect(found.locator("pre")).to_contain_text("limits = { systolic_crisis = 195 }")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page, ".tryout") == []


def test_while_one_runs_a_second_is_told_to_wait_and_a_failure_says_why(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    sara = sign_in()
    visit(sara, "Rules", "Rules and limits")
    with dashboard.sign_in(TOM) as tom, dashboard.database() as holding, transaction(holding):
        # The tryout waits for these rows until its process's connection is ended.
        holding.execute("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
        propose(sara, "170")
        expect(sara.locator(".tryout [role=status]")).to_contain_text("Working")
        other = {"programme": "everyone", "name": "systolic_crisis", "value": 171}
        refused = tom.post("/api/rules/tryout", json=other)
        assert refused.status_code == 409
        assert "A tryout is under way on this ward" in refused.json()["error"]
        ended = """
            SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity
            WHERE application_name = 'hearthward-tryout' AND wait_event_type = 'Lock'
        """
        wait_until(lambda: dashboard.rows(ended)[0][0], deadline_s=30, what="the tryout waits for the lock")
        status = sara.locator(".tryout [role=status]")
        expect(status).to_contain_text("The tryout failed: the database is not available", timeout=30_000)
    expect(sara.get_by_role("button", name="Try on this ward")).to_be_enabled()
