"""What a patient types in: the form, its mistakes, and taking a wrong reading back."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from alerts import typed_in
from dashboard.desk import PATIENT_HERE, Desk
from dashboard.me_pages import Pages, around, sent_form
from dashboard.views.me import KINDS
from dashboard.views.me_fields import fields
from store import evaluations
from store import typed_in as stored
from vitals.ids import PatientId, ReadingId

_LOOKS = 10
_LOOK_EVERY_S = 0.15


def typed_in_routes(desk: Desk, page: Pages) -> APIRouter:
    """The routes under /me/add and /me/take-back."""
    router = APIRouter(prefix="/me")

    async def form(request: Request, kind: str, typed: dict[str, str] | None) -> Response | None:
        """The form, with what is wrong in it; None where all of it was right, and is kept."""
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        facts = await desk.store(lambda connection: around(connection, patient_id, now))
        if facts is None:
            return RedirectResponse("/me/sign-in", status_code=303)
        said = page.said(facts.file.language)
        drawn, values = fields(kind, typed, said)
        if typed is not None and values:
            await desk.store(lambda connection: stored.add(connection, patient_id, values, now))
            return None
        return page.of_patient(
            "me_add.html", request, facts, now, status=200 if typed is None else 422,
            title=said.measures[kind].add, key=kind, words=said.measures[kind], fields=drawn,
            problems=[(one.id, one.problem) for one in drawn if one.problem],
        )  # fmt: skip

    @router.get("/add/{kind}", include_in_schema=False)
    async def ask(request: Request, kind: str) -> Response:
        if kind not in KINDS:
            return page.note(request, "nothing_here", 404)
        return await form(request, kind, None) or page.note(request, "nothing_here", 404)

    @router.post("/add/{kind}", include_in_schema=False)
    async def add(request: Request, kind: str) -> Response:
        typed, ours = await sent_form(request)
        if kind not in KINDS or not ours:
            return page.note(request, "not_ours", 403)
        wrong = await form(request, kind, typed)
        if wrong is not None:
            return wrong
        await _rules_looked(desk, PATIENT_HERE.get())
        return RedirectResponse("/me?said=saved", status_code=303)

    @router.post("/take-back/{reading_id}", include_in_schema=False)
    async def take_back(request: Request, reading_id: str) -> Response:
        _, ours = await sent_form(request)
        if not ours:
            return page.note(request, "not_ours", 403)
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        done = await desk.store(
            lambda connection: typed_in.take_back(connection, patient_id, ReadingId(reading_id), now)
        )
        if done:
            await _rules_looked(desk, patient_id)
        return RedirectResponse(f"/me?said={'taken_back' if done else 'too_late'}", status_code=303)

    return router


async def _rules_looked(desk: Desk, patient_id: PatientId) -> None:
    """Give the rules a moment: what they ask next is then on the page that follows, and not after it."""
    for _ in range(_LOOKS):
        if not await desk.store(lambda connection: evaluations.is_due(connection, patient_id)):
            return
        await asyncio.sleep(_LOOK_EVERY_S)
