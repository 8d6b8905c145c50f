"""The callback of everything a nurse does: one action, its answer, and the way back."""

from collections.abc import Mapping
from itertools import count

from dash import Dash, Input, Output, ctx
from dash.exceptions import PreventUpdate

from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.triage import UNDOABLE, Deed, Done, NotDone, Why, perform
from dashboard.words import say
from vitals.ids import AlertId

_DONE_WORDS = {
    Deed.ACKNOWLEDGE: "Acknowledged. It is yours.",
    Deed.CLAIM: "It is yours now.",
    Deed.NOTE: "Note saved.",
    Deed.CALL: "Call saved.",
    Deed.SNOOZE: "Snoozed. It comes back when its time is up, or when the readings get worse.",
    Deed.ESCALATE: "Sent. It stays yours until they accept it.",
    Deed.ACCEPT: "Accepted. It is yours now.",
    Deed.CLOSE: "Closed.",
    Deed.UNDO: "Taken back.",
}
_NUMBERS = count(1)


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application."""

    @app.callback(
        Output("patient", "result"),
        Output("acted", "data"),
        Output("shell", "notice"),
        Input("patient", "action"),
        Input("shell", "undo"),
        Input("worklist", "bulk_action"),
        prevent_initial_call=True,
    )
    async def act(
        action: Mapping[str, object] | None,
        undo: Mapping[str, object] | None,
        bulk: Mapping[str, object] | None,
    ) -> tuple[Json, Json, Json]:
        number = next(_NUMBERS)
        match ctx.triggered_id:
            case "patient" if action:
                notice, ok = await _one(desk, action)
            case "shell" if undo:
                notice, ok = await _undo(desk, undo)
            case "worklist" if bulk:
                notice, ok = await _bulk(desk, bulk)
            case _:
                raise PreventUpdate
        return {"n": number, "ok": ok}, {"n": number}, {"n": f"s{number}", **notice}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


async def _one(desk: Desk, action: Mapping[str, object]) -> tuple[dict[str, Json], bool]:
    fields = action.get("fields")
    alert_id, rev = AlertId(_whole(action.get("alert"))), _whole(action.get("rev"))
    name = _text(action.get("name"))
    if name not in list(Deed):
        raise PreventUpdate
    deed = Deed(name)
    done = await perform(desk, signed_in(), deed, alert_id, rev, fields if isinstance(fields, dict) else {})
    return _notice(deed, done), isinstance(done, Done)


def _notice(deed: Deed, done: Done | NotDone) -> dict[str, Json]:
    if isinstance(done, NotDone):
        title = say("Somebody was quicker" if done.why is Why.MOVED else "Not done")
        return {"kind": "refused", "title": title, "text": done.sentence}
    undo: Json = None
    if deed in UNDOABLE:
        undo = {"alerts": [_taken_back(done)]}
    return {"kind": "done", "title": say(_DONE_WORDS[deed]), "text": "", "undo": undo}


def _taken_back(done: Done) -> dict[str, Json]:
    """What takes exactly this back, whatever its person does to the alert afterwards."""
    return {"alert": done.alert.alert_id, "rev": done.alert.rev, "event": done.alert.rev}


async def _undo(desk: Desk, undo: Mapping[str, object]) -> tuple[dict[str, Json], bool]:
    undone, refused = await _each(desk, Deed.UNDO, undo)
    if not undone:
        return {"kind": "refused", "title": say("Not taken back"), "text": refused}, False
    return {"kind": "done", "title": say(_DONE_WORDS[Deed.UNDO]), "text": refused}, True


async def _bulk(desk: Desk, bulk: Mapping[str, object]) -> tuple[dict[str, Json], bool]:
    done, refused = await _each(desk, Deed.ACKNOWLEDGE, bulk)
    if not done:
        return {"kind": "refused", "title": say("Not acknowledged"), "text": refused}, False
    undo: Json = {"alerts": [_taken_back(one) for one in done]}
    return {
        "kind": "done",
        "title": say("{n} acknowledged.", n=len(done)),
        "text": refused,
        "undo": undo,
    }, True


async def _each(desk: Desk, deed: Deed, asked: Mapping[str, object]) -> tuple[list[Done], str]:
    """Do it to each alert named, each by itself; those that moved meanwhile are left alone and counted."""
    alerts = asked.get("alerts")
    done: list[Done] = []
    why = ""
    for one in alerts[:100] if isinstance(alerts, list) else []:
        if not isinstance(one, dict):
            continue
        alert_id, rev = AlertId(_whole(one.get("alert"))), _whole(one.get("rev"))
        fields = {"event": one.get("event")} if deed is Deed.UNDO else {}
        outcome = await perform(desk, signed_in(), deed, alert_id, rev, fields)
        if isinstance(outcome, Done):
            done.append(outcome)
        else:
            why = outcome.sentence
    return done, why
