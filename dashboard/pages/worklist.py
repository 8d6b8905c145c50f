"""The worklist's callback: what is asked for, again after each action and each live event."""

from collections.abc import Mapping
from dataclasses import replace

from dash import Dash, Input, Output

from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.shared_reads import SharedReads
from dashboard.views.worklist import asked_from, worklist_props
from store.worklist import Asked, Show, worklist


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application."""
    shared = SharedReads()

    @app.callback(
        Output("worklist", "data"),
        Input("worklist", "query"),
        Input("live", "data"),
        Input("acted", "data"),
    )
    async def show_worklist(
        query: Mapping[str, object] | None, _live: object, acted: Mapping[str, int] | None
    ) -> Json:
        me, now = signed_in(), desk.clock()
        asked = asked_from(query, me)
        found = await shared.read(
            _of_everybody(asked),
            lambda: desk.store(lambda connection: worklist(connection, asked, desk.clock())),
        )
        return worklist_props(found, asked, acted=acted["n"] if acted else 0, me=me, now=now, short=True)


def _of_everybody(asked: Asked) -> Asked:
    """The question without who asks, unless the answer depends on it."""
    return asked if asked.show is Show.MINE else replace(asked, staff_id=None)
