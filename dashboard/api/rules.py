"""/api/rules: a limit tried on the ward's own past. Nothing is stored."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response
from pydantic import BaseModel, Field

from alerts.book import texts
from alerts.book.changes import RefusedLimit, UnknownLimit, UnknownProgramme
from dashboard.api.answers import json_answer, refusal
from dashboard.desk import Desk, signed_in
from dashboard.triage import NotDone, Why
from dashboard.tryouts import Run, Tryouts
from dashboard.views.tryout import named_in, tryout_props
from dashboard.words import LANGUAGE, say
from store.population import names_of


class Proposed(BaseModel):
    """Which limit of which programme, and the number to try."""

    programme: str = Field(max_length=60)
    name: str = Field(max_length=60)
    value: float = Field(allow_inf_nan=False)


def rules_routes(desk: Desk) -> APIRouter:
    """The routes, for the application."""
    router = APIRouter(prefix="/api/rules")
    tryouts = Tryouts(desk.settings.conninfo(), desk.rulebook)

    async def told(run: Run | None, ward_id: str) -> object:
        listed = named_in(run)
        names = await desk.store(lambda c: names_of(c, listed, ward_id)) if listed else {}
        return tryout_props(run, desk.rulebook, names)

    @router.get("/tryout")
    async def look() -> Response:
        """How the ward's newest tryout stands, or what it found."""
        return json_answer(await told(tryouts.of(signed_in().ward_id), signed_in().ward_id))

    @router.post("/tryout")
    async def begin(fields: Annotated[Proposed, Body()]) -> Response:
        """Try it on the ward, unless a tryout is under way there."""
        ward_id = signed_in().ward_id
        try:
            run = tryouts.begin(ward_id, fields.programme, fields.name, fields.value, desk.clock())
        except RefusedLimit as refused:
            why = texts.say(refused.why, LANGUAGE.get())
            return refusal(NotDone(why=Why.REFUSED, sentence=why))
        except (UnknownLimit, UnknownProgramme):
            return refusal(NotDone(why=Why.UNKNOWN, sentence=say("There is no such limit.")))
        if run is None:
            sentence = say("A tryout is under way on this ward. Wait until it is done.")
            return refusal(NotDone(why=Why.MOVED, sentence=sentence))
        return json_answer(await told(run, ward_id))

    return router
