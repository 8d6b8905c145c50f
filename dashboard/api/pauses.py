"""/api/patients/.../pauses: planning a pause of a patient's measurements, ending it, taking it back."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Body
from fastapi.responses import Response
from pydantic import BaseModel, Field

from alerts import pausing
from alerts.book import texts
from dashboard.api.answers import done_or, json_answer, refusal
from dashboard.care import no_such_patient
from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.triage import NotDone, Why
from dashboard.views.pauses import pause_items, pause_path
from dashboard.words import LANGUAGE
from store import pauses
from store.connection import Connection
from store.pauses import PauseEvent, PauseKind
from store.population import patient_file
from store.staff import staff_names
from vitals.ids import PatientId
from vitals.message import Message

log = structlog.get_logger()


class PauseFields(BaseModel):
    """Why, and the patient's local days: until `last_day`, which belongs to it, or until `review_on`."""

    kind: PauseKind
    reason: str = Field(default="", max_length=200)
    first_day: date
    last_day: date | None = None
    review_on: date | None = None


class ChangeFields(BaseModel):
    """Why it is changed, where that is worth saying."""

    reason: str = Field(default="", max_length=500)


def pause_routes(desk: Desk) -> APIRouter:
    """The routes of one patient's pauses."""
    router = APIRouter(prefix="/api/patients/{patient_id}/pauses")

    @router.get("")
    async def listed(patient_id: str) -> Response:
        """Every pause, the latest first: planned, running, past and taken back; and the patient's today."""
        me, now = signed_in(), desk.clock()
        found = await desk.store(lambda c: _listed(c, PatientId(patient_id), me.ward_id, now))
        return refusal(no_such_patient()) if found is None else json_answer(found)

    @router.post("")
    async def plan(patient_id: str, fields: Annotated[PauseFields, Body()]) -> Response:
        """Plan a pause: nobody is told that readings are missing. Those that come still count."""
        me, now = signed_in(), desk.clock()
        wanted = pausing.Wanted(
            kind=fields.kind,
            words=fields.reason,
            first_day=fields.first_day,
            last_day=fields.last_day,
            review_on=fields.review_on,
        )

        def work(connection: Connection) -> NotDone | int:
            theirs = PatientId(patient_id)
            if patient_file(connection, theirs, me.ward_id, now) is None:
                return no_such_patient()
            planned = pausing.plan(connection, theirs, wanted, me.staff_id, now)
            return _refused(planned) if isinstance(planned, Message) else planned

        planned = await desk.store(work)
        refused = planned if isinstance(planned, NotDone) else None
        log.info("pause planned", patient_id=patient_id, staff_id=me.staff_id, result=refused and refused.why)
        return done_or(
            refused, undo=None if refused else pause_path(patient_id, planned, PauseEvent.TAKEN_BACK)
        )

    @router.post("/{pause_id}/{what}")
    async def change(
        patient_id: str, pause_id: int, what: PauseEvent, fields: Annotated[ChangeFields, Body()]
    ) -> Response:
        """End a running pause now, take one back as if it had never been, or resume it."""
        me, now = signed_in(), desk.clock()

        def work(connection: Connection) -> NotDone | None:
            theirs = PatientId(patient_id)
            if patient_file(connection, theirs, me.ward_id, now) is None:
                return no_such_patient()
            refused = pausing.change(
                connection, theirs, pause_id, what, author=me.staff_id, reason=fields.reason, now=now
            )
            return None if refused is None else _refused(refused)

        refused = await desk.store(work)
        log.info("pause changed", pause_id=pause_id, what=what, staff_id=me.staff_id)
        back = None if what is PauseEvent.RESUMED else pause_path(patient_id, pause_id, PauseEvent.RESUMED)
        return done_or(refused, undo=back)

    return router


def _listed(
    connection: Connection, patient_id: PatientId, ward_id: str, now: datetime
) -> dict[str, Json] | None:
    file = patient_file(connection, patient_id, ward_id, now)
    if file is None:
        return None
    zone = ZoneInfo(file.time_zone)
    items = pause_items(pauses.listed(connection, patient_id), staff_names(connection), zone, now)
    return {"pauses": items, "today": now.astimezone(zone).date().isoformat()}


def _refused(why: Message) -> NotDone:
    return NotDone(why=Why.REFUSED, sentence=texts.say(why, LANGUAGE.get()))
