"""The README's picture, taken of a fresh ward once its scripted alert is there: `make screenshot`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.harness.processes import ROOT
from tests.harness.ward import RunningWard, running_ward

IMAGES = ROOT / "docs" / "images"
ALERT_DEADLINE_S = 180


def take(ward: RunningWard, directory: Path) -> None:
    """Sign in as the nurse, wait for the alert that appears by itself, and photograph what she sees."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_page(viewport={"width": 1440, "height": 900}, timezone_id="Europe/London")
        page.goto(ward.url)
        page.get_by_label("E-mail").fill(ward.email)
        page.get_by_label("Password", exact=True).fill(ward.password)
        page.get_by_role("button", name="Sign in").click()
        alert = page.locator("[data-alert]", has_text="SpO2 82 %").first
        alert.wait_for(timeout=ALERT_DEADLINE_S * 1000)
        page.get_by_text("Open", exact=True).last.click()  # on the notice that just appeared
        page.locator("svg.chart").first.wait_for()
        page.screenshot(path=directory / "worklist.png")
        chromium.close()


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    with running_ward() as running:
        take(running, Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
