"""The main views look as they did when a person last looked at them: `make pictures` takes them anew.

The clocks of server and browser stand still. Hidden is what may differ from one run to the next: the seconds
of the live light and of the care timer.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import session_cookies
from tests.harness import pictures
from tests.harness.database import Server
from tests.harness.desk import DOROTHY, KWAME, QUIET, SARA, Dashboard, running_dashboard

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
_STILL = """
    .light-detail, .timer span, .care-time b { visibility: hidden !important; }
    *, *::before, *::after { transition: none !important; animation: none !important; }
"""

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def still_ward(database_server: Server) -> Iterator[Dashboard]:
    """A ward at noon, where it stays noon."""
    with database_server.fresh() as url, running_dashboard(url, clock=lambda: NOON) as running:
        yield running


@pytest.fixture
def open_page(browser: Browser, still_ward: Dashboard) -> Iterator[Open]:
    """`open_page("/app/alerts", width=390, theme="dark")`: Sara's page, at noon."""
    contexts = []

    def open_(path: str, *, width: int = 1440, height: int = 900, theme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            timezone_id="Europe/London",
            locale="en-GB",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.clock.set_fixed_time(NOON)
        context.add_cookies(session_cookies(still_ward, SARA))  # type: ignore[arg-type]
        page.goto(f"{still_ward.url}{path}")
        page.add_style_tag(content=_STILL)
        expect(page.locator(".row").first).to_be_attached()
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture
def looks_as_ever(browser: Browser, pytestconfig: pytest.Config) -> Callable[[Page, str], None]:
    """`looks_as_ever(page, "worklist")`: the page is what the picture of that name shows."""
    renew = pytestconfig.getoption("--renew-pictures")
    if not renew and (why := pictures.why_not_comparable(browser.version)):
        pytest.skip(why)

    def look(page: Page, name: str) -> None:
        expect(page.locator("#live-light")).to_contain_text("Live")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.mouse.move(0, 0)
        png = page.screenshot(animations="disabled", caret="hide")
        if renew:
            pictures.renew(name, png, browser.version)
        found = pictures.compare(name, png)
        assert found.tolerable, (
            f"{found.pixels} of {found.of} pixels differ from {name}.png: look at {found.picture}; "
            "if the new look is meant: make pictures"
        )

    return look


def opened(page: Page) -> Page:
    expect(page.locator(".chart-card").first).to_be_visible()
    expect(page.locator(".history")).to_be_attached()
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_desk_with_an_alert_open(
    open_page: Open, still_ward: Dashboard, looks_as_ever: Callable[[Page, str], None], theme: str
) -> None:
    page = opened(open_page(f"/app/alerts/{still_ward.alerts[DOROTHY]}", theme=theme))
    looks_as_ever(page, f"desk-{theme}")


def test_a_patient_without_an_alert(open_page: Open, looks_as_ever: Callable[[Page, str], None]) -> None:
    looks_as_ever(opened(open_page(f"/app/patients/{QUIET}", width=1024, height=768)), "patient")


def test_a_dialog(open_page: Open, still_ward: Dashboard, looks_as_ever: Callable[[Page, str], None]) -> None:
    page = opened(open_page(f"/app/alerts/{still_ward.alerts[DOROTHY]}", width=1024, height=768))
    page.locator("#action-close").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    looks_as_ever(page, "dialog")


def test_the_worklist_on_a_phone(open_page: Open, looks_as_ever: Callable[[Page, str], None]) -> None:
    page = open_page("/app/alerts", width=390, height=844, theme="dark")
    expect(page.locator(".row").first).to_be_visible()
    looks_as_ever(page, "phone-worklist")


def test_a_patient_on_a_phone(
    open_page: Open, still_ward: Dashboard, looks_as_ever: Callable[[Page, str], None]
) -> None:
    page = opened(open_page(f"/app/alerts/{still_ward.alerts[KWAME]}", width=390, height=844))
    looks_as_ever(page, "phone-patient")


def test_a_word_that_is_missing_is_seen_and_shown(looks_as_ever: object) -> None:
    """The comparison itself: a small text less on the picture is beyond what is tolerated."""
    golden = Image.open(pictures.GOLDEN / "phone-worklist.png")
    spoilt = golden.copy()
    ImageDraw.Draw(spoilt).rectangle((60, 75, 120, 90), fill=golden.getpixel((2, 70)))
    path = pictures.RESULTS / "spoilt.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    spoilt.save(path)
    found = pictures.compare("phone-worklist", path.read_bytes())
    assert not found.tolerable
    assert found.picture.exists()
    assert (
        pictures.compare("phone-worklist", (pictures.GOLDEN / "phone-worklist.png").read_bytes()).pixels == 0
    )
