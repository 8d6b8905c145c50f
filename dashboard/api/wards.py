"""/api/ward: which of their wards a nurse looks at, from now on and on every device."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response
from pydantic import BaseModel, Field

from dashboard.api.answers import done_or
from dashboard.desk import Desk, signed_in
from dashboard.triage import NotDone, Why
from dashboard.words import say
from store.staff import show_ward


class Chosen(BaseModel):
    """The ward, by its id."""

    ward: str = Field(min_length=1, max_length=64)


def ward_routes(desk: Desk) -> APIRouter:
    """The route."""
    router = APIRouter(prefix="/api")

    @router.post("/ward")
    async def look_at(chosen: Annotated[Chosen, Body()]) -> Response:
        """Look at this ward."""
        me = signed_in()
        shown = await desk.store(lambda c: show_ward(c, me.staff_id, chosen.ward))
        sentence = say("You do not work on this ward.")
        return done_or(None if shown else NotDone(why=Why.REFUSED, sentence=sentence))

    return router
