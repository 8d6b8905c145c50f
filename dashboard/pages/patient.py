"""The patient's callback: identity, alert, what can be done, what is known, what happened."""

from collections.abc import Mapping

from dash import Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.pages.selection import concerns, facts_of, selection
from dashboard.views.patient import aside_props, patient_props


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application."""

    @app.callback(
        Output("patient", "data"),
        Output("aside", "data"),
        Output("charts-head", "shown"),
        Output("patient", "shown"),
        Input("url", "pathname"),
        Input("live", "data"),
        Input("acted", "data"),
        State("patient", "shown"),
    )
    async def show_patient(
        path: str | None, live: Mapping[str, object] | None, _acted: object, shown: str | None
    ) -> tuple[object, object, object, object]:
        if ctx.triggered_id == "live" and not concerns(live, shown):
            raise PreventUpdate
        chosen = selection(path)
        if chosen is None:
            empty: Json = {"path": path, "patient": None, "missing": False}
            return empty, None, False, None
        me, now = signed_in(), desk.clock()
        facts = await facts_of(desk, chosen, me, now)
        if facts is None:
            missing: Json = {"path": path, "patient": None, "missing": True}
            return missing, None, False, None
        props = patient_props(facts, path or "", me, now)
        return props, aside_props(facts, now), True, facts.file.patient_id
