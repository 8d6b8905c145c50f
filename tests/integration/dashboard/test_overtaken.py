"""Of two requests Dash takes the later one's answer alone: it must hold what the overtaken one asked for."""

from typing import Any

import httpx

from tests.harness.desk import DOROTHY, Dashboard

_CALLBACK = "/app/_dash-update-component"
_PATIENT = (
    ("patient", "data"), ("aside", "data"), ("charts-head", "shown"), ("patient", "shown"),
    ("charts-of", "data"),
)  # fmt: skip


def _asked(
    outputs: tuple[tuple[str, str], ...], inputs: list[Any], state: Any, changed: str
) -> dict[str, Any]:
    names = [f"{one}.{prop}" for one, prop in outputs]
    listed: Any = [{"id": one, "property": prop} for one, prop in outputs]
    return {
        "output": names[0] if len(names) == 1 else f"..{'...'.join(names)}..",
        "outputs": listed[0] if len(names) == 1 else listed,
        "inputs": inputs,
        "state": [state],
        "changedPropIds": [changed],
    }


def _page(path: str, changed: str) -> dict[str, Any]:
    inputs = [
        {"id": "page", "property": "query", "value": {"section": "patients"}},
        {"id": "live-page", "property": "data", "value": {"n": 1}},
        {"id": "acted", "property": "data", "value": {"n": 1}},
    ]
    return _asked((("page", "data"),), inputs, {"id": "url", "property": "pathname", "value": path}, changed)


def test_news_of_the_page_that_is_shown_answer_what_they_overtook(sara: httpx.Client) -> None:
    for changed in ("page.query", "live-page.data", "acted.data"):
        answer = sara.post(_CALLBACK, json=_page("/app/patients", changed))
        assert answer.json()["response"]["page"]["data"]["section"] == "patients"
    assert sara.post(_CALLBACK, json=_page("/app/rules", "live-page.data")).status_code == 204


def test_what_was_done_leaves_charts_alone_only_where_they_are_drawn(
    sara: httpx.Client, dashboard: Dashboard
) -> None:
    path = f"/app/alerts/{dashboard.alerts[DOROTHY]}"

    def drawn(shown: str | None) -> bool:
        inputs = [
            {"id": "url", "property": "pathname", "value": path},
            {"id": "charts-head", "property": "days", "value": 30},
            {"id": "live-patient", "property": "data"},
            {"id": "acted", "property": "data", "value": {"n": 1}},
        ]
        state = {"id": "patient", "property": "shown", "value": shown}
        answer = sara.post(_CALLBACK, json=_asked(_PATIENT, inputs, state, "acted.data")).json()["response"]
        assert answer["patient"]["shown"] == f"{path} 30"
        return "charts-of" in answer

    assert not drawn(f"{path} 30")
    assert drawn(f"{path} 14")
    assert drawn("/app/alerts/999 30")
    assert drawn(None)
