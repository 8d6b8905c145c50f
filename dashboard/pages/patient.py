"""The patient's callback: identity, alert, what can be done, readings, what is known, what happened."""

from collections.abc import Mapping

from dash import Dash, Input, Output, State, ctx, no_update

from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.pages.selection import facts_of, selection
from dashboard.views.charts import charts_props
from dashboard.views.patient import aside_props, patient_props

_SPANS = frozenset({14, 30, 90})


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application.

    One answer for the whole patient: banner, charts and history are of one instant and never of two people.
    """

    @app.callback(
        Output("patient", "data"),
        Output("aside", "data"),
        Output("charts-head", "shown"),
        Output("patient", "shown"),
        Output("charts-of", "data"),
        Input("url", "pathname"),
        Input("charts-head", "days"),
        Input("live-patient", "data"),
        Input("acted", "data"),
        State("patient", "shown"),
    )
    async def show_patient(
        path: str | None,
        days: int,
        _live: object,
        acted: Mapping[str, object] | None,
        shown: str | None,
    ) -> tuple[object, object, object, object, object]:
        # Several may have changed at once: then the answer is the whole patient.
        only = set(ctx.triggered_prop_ids.values())
        chosen, path = selection(path), path or ""
        if chosen is None:
            return _nobody(path, missing=False)
        me, now = signed_in(), desk.clock()
        span = days if days in _SPANS else 14
        # What was done to an alert leaves the charts as they were, if they are there: of two requests Dash
        # takes the later one's answer alone, and this one may have overtaken the one that asked for them.
        here = f"{path} {span}"
        wanted = only != {"acted"} or bool((acted or {}).get("readings")) or shown != here
        facts = await facts_of(desk, chosen, me, now, days=span if wanted else 0)
        if facts is None:
            return _nobody(path, missing=True)
        charts = await desk.compute(lambda: charts_props(facts, path, span, now)) if wanted else no_update
        return (
            patient_props(facts, path, me, now),
            aside_props(facts, me, now),
            True,
            here,
            charts,
        )


def _nobody(path: str, *, missing: bool) -> tuple[Json, Json, bool, Json, Json]:
    return {"path": path, "patient": None, "missing": missing}, None, False, None, None
