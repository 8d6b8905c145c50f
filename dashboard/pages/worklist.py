"""The worklist's callback: what is asked for, again after each action and each live event."""

from collections.abc import Mapping
from dataclasses import replace

from dash import Dash, Input, Output

from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.views.worklist import asked_from, worklist_props
from store.connection import Connection
from store.population import own_limits
from store.worklist import Show, worklist_counts, worklist_page


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application."""

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
        number = acted["n"] if acted else 0

        def read(connection: Connection) -> Json:
            snoozed = worklist_counts(connection, replace(asked, show=Show.SNOOZED), now)
            rows = worklist_page(connection, asked, now)
            return worklist_props(
                rows,
                worklist_counts(connection, asked, now),
                sum(snoozed.values()),
                asked,
                acted=number,
                me=me,
                now=now,
                own_limits=own_limits(connection, [row.patient_id for row in rows], now),
            )

        return await desk.store(read)
