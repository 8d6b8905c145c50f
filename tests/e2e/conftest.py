"""One real browser and one dashboard for the journeys; a page that says anything odd fails its test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from runtime.clock import utc_now
from store.staff import Staff
from tests.harness.cable import Cable
from tests.harness.database import Server
from tests.harness.desk import QUIET, SARA, Dashboard, close_alerts, raise_alert, running_dashboard
from tests.harness.painting import painted
from tests.harness.piloted import write_book
from vitals.alert import Priority
from vitals.ids import AlertId

CHROMIUM = "/usr/bin/chromium"
_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
_AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
# WCAG 2.2 A and AA; best practices are looked at by eye.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

_RUN_AXE = """
    ([only, within]) => axe.run(within || document, {runOnly: only}).then(result => result.violations.map(
        found => found.id + ': ' + found.nodes.slice(0, 3).map(
            node => node.html + ' ' + node.failureSummary).join(' | ')))
"""

_TURN_THEME = """
    () => {
        const page = document.documentElement.dataset;
        page.theme = page.theme === 'dark' ? 'light' : 'dark';
    }
"""

SignIn = Callable[..., Page]
_ENDED = ("status of 401", "401 ")
_BROKEN = ("net::ERR_", "the server did not respond")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium as Debian ships it. It goes before another package's tests start an event loop."""
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def dashboard(database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """One server for all journeys, with a clinic's own rulebook; each makes the alerts that it changes."""
    clinic = write_book(tmp_path_factory.mktemp("clinic") / "programmes")
    with database_server.fresh() as url, running_dashboard(url, alerts_programmes=clinic) as running:
        yield running


@pytest.fixture
def alert_id(dashboard: Dashboard, request: pytest.FixtureRequest) -> Iterator[AlertId]:
    """An open alert of Quentin Quiet's for this test alone."""
    with dashboard.database() as connection:
        yield raise_alert(connection, QUIET, Priority.MEDIUM, utc_now(), problem=request.node.name)
        close_alerts(connection, QUIET)


@pytest.fixture
def sign_in(browser: Browser, dashboard: Dashboard) -> Iterator[SignIn]:
    """`sign_in()` is Sara's page with the worklist; `sign_in(TOM, width=390, theme="dark")` another.

    Through a `cable` that the test cuts, what the browser says of the broken network is no complaint. Where
    the session `ends`, a 401 is none.
    """
    complaints: list[str] = []
    contexts = []

    def start(
        staff=SARA,
        *,
        width: int = 1440,
        height: int = 900,
        theme: str = "light",
        path: str = "",
        row: bool = True,
        cable: Cable | None = None,
        ends: bool = False,
    ) -> Page:  # type: ignore[no-untyped-def]
        cookies = session_cookies(dashboard, staff)
        home = cable.url if cable else dashboard.url
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            timezone_id="Europe/London",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        odd = (_BROKEN if cable else ()) + (_ENDED if ends else ())
        _listen(page, home, complaints, broken=odd)
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page.goto(f"{home}{path or '/'}")
        if row:
            expect(page.locator(".row").first).to_be_visible()
        return painted(page)

    yield start
    for context in contexts:
        context.close()
    assert complaints == []


def session_cookies(dashboard: Dashboard, staff: Staff) -> list[dict[str, str]]:
    """A fresh session's cookies; the sign-in form itself is one test's journey."""
    with dashboard.sign_in(staff) as client:
        return [
            {"name": name, "value": value, "url": dashboard.url} for name, value in client.cookies.items()
        ]


def _listen(page: Page, home: str, complaints: list[str], *, broken: tuple[str, ...]) -> None:
    def console(message: ConsoleMessage) -> None:
        refused = "status of 422" in message.text  # an answer that the page shows in a sentence
        refused = refused or any(words in message.text for words in broken)
        if message.type in ("error", "warning") and not refused:
            complaints.append(f"console {message.type}: {message.text}")

    def asked(request: Request) -> None:
        host = urlsplit(request.url).netloc
        if host and host != urlsplit(home).netloc:
            complaints.append(f"foreign host: {request.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    page.on("request", asked)
    page.on(
        "response",
        lambda answer: (
            complaints.append(f"{answer.status} {answer.url}")
            if answer.status >= 400 and answer.status != 422 and f"{answer.status} " not in broken
            else None
        ),
    )


@pytest.fixture
def violations() -> Callable[..., list[str]]:
    """What axe-core finds on the page: WCAG 2.2 A and AA as it stands, and contrast in the other theme.

    `within` is a selector of the only part to look at: a long page takes axe long.
    """
    source = _AXE.read_text()

    def find(page: Page, within: str | None = None) -> list[str]:
        page.evaluate(source)
        found = page.evaluate(_RUN_AXE, [{"type": "tag", "values": _RULES}, within])
        page.evaluate(_TURN_THEME)
        found += page.evaluate(_RUN_AXE, [{"type": "rule", "values": ["color-contrast"]}, within])
        page.evaluate(_TURN_THEME)
        assert isinstance(found, list)
        return found

    return find
