"""What a real Chromium needs: bytes of the first page, and the time from a key to the next patient."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from playwright.sync_api import CDPSession, sync_playwright

PLOTLY = "/app/_dash-component-suites/plotly/package_data/plotly.min.js"
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]

# Presses the key and waits, frame by frame, until banner and charts are the next patient's and were painted.
_STEP = """
    (key) => new Promise((resolve) => {
        const began = performance.now(), path = location.pathname;
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        const look = () => {
            const charts = document.getElementById('charts');
            const there = location.pathname !== path && !document.body.classList.contains('is-loading') &&
                charts && charts.dataset.path === location.pathname && charts.querySelector('svg.chart');
            if (!there) { requestAnimationFrame(look); return; }
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
        };
        requestAnimationFrame(look);
    })
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One press of a key: milliseconds until the next patient is painted, and of the page's main thread."""

    wall_ms: float
    task_ms: float
    script_ms: float


def first_load(client: httpx.Client) -> tuple[float, float]:
    """KB that a browser fetches for the first page, compressed; and what the first enlarged chart adds."""
    page = client.get("/app/alerts", headers={"accept": "text/html"}).text
    names = re.findall(r'(?:src|href)="(/[^"]+)"', page)
    names += ["/app/_dash-layout", "/app/_dash-dependencies"]
    total = len(page) + sum(_sent(client, name) for name in sorted(set(names)))
    return total / 1024, _sent(client, PLOTLY) / 1024


def _sent(client: httpx.Client, path: str) -> int:
    with client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        return sum(len(part) for part in answer.iter_raw())


def steps(url: str, cookies: Mapping[str, str], count: int) -> list[Step]:
    """`count` presses of j, from the top of the worklist, each after the page came to rest."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        page = context.new_page()
        metrics = context.new_cdp_session(page)
        metrics.send("Performance.enable")
        page.goto(f"{url}/app/alerts")
        page.locator(".row").first.wait_for()
        page.keyboard.press("j")
        page.locator("svg.chart").first.wait_for()
        found: list[Step] = []
        for _ in range(count):
            page.wait_for_timeout(300)
            task, script = _spent(metrics)
            wall = page.evaluate(_STEP, "j")
            task_after, script_after = _spent(metrics)
            found.append(
                Step(
                    wall_ms=wall, task_ms=(task_after - task) * 1000, script_ms=(script_after - script) * 1000
                )
            )
        browser.close()
    return found


def _spent(metrics: CDPSession) -> tuple[float, float]:
    found = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
    return found["TaskDuration"], found["ScriptDuration"]
