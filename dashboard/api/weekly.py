"""/api/weekly: the lines of the weekly list as a file, and that somebody has looked at them."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from dashboard.api.answers import done_or
from dashboard.desk import Desk, signed_in
from dashboard.triage import NotDone, Why
from dashboard.views.weekly import weekly_csv
from dashboard.words import say
from store import weekly


class Mark(BaseModel):
    """Which lines, and what was done with them."""

    lines: list[int] = Field(min_length=1, max_length=500)
    deed: Literal["seen", "discussed", "reopened"]


def weekly_routes(desk: Desk) -> APIRouter:
    """The routes, for the application."""
    router = APIRouter(prefix="/api/weekly")

    @router.get("/lines.csv")
    async def export(week: Annotated[date, Query()]) -> Response:
        """The ward's lines of the week that begins on this Monday, ids and codes only."""
        me = signed_in()
        lines = await desk.store(lambda c: weekly.listed(c, me.ward_id, week))
        return Response(
            weekly_csv(lines),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="hearthward-weekly-{week}.csv"'},
        )

    @router.post("/marks")
    async def mark(fields: Annotated[Mark, Body()]) -> Response:
        """Keep who has seen or discussed these lines, and when."""
        me, now = signed_in(), desk.clock()
        marked = await desk.store(
            lambda c: weekly.mark(c, me.ward_id, fields.lines, fields.deed, me.staff_id, now)
        )
        missing = None if marked else NotDone(why=Why.UNKNOWN, sentence=say("There is no such line."))
        return done_or(missing)

    return router
