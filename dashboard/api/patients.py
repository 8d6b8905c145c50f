"""/api/patients: one patient's limits, readings, messages and the time spent on them."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import structlog
from fastapi import APIRouter, Body
from fastapi.responses import Response
from pydantic import BaseModel, Field

from dashboard.api.answers import done_or, json_answer, refusal
from dashboard.care import (
    LimitFields,
    MessageFields,
    ReadingFields,
    decide_reading,
    no_such_patient,
    patient_limits,
    refuse_limit,
    send_message,
    set_limit,
)  # fmt: skip
from dashboard.desk import Desk, signed_in
from dashboard.preview import Preview, preview_limit
from dashboard.reach import at_patient
from dashboard.triage import NotDone
from dashboard.views.limit_groups import limits_props
from store import care, portal
from store.connection import Connection
from store.population import patient_file
from store.staff import Staff
from vitals.ids import PatientId, ReadingId

log = structlog.get_logger()

_READ_OUT_LASTS = timedelta(minutes=30)


class ReadingDeed(StrEnum):
    """What can be decided about a reading."""

    HOLD = "hold"
    RELEASE = "release"
    EXCLUDE = "exclude"
    CORRECT = "correct"
    REASSIGN = "reassign"


class Seconds(BaseModel):
    """How long somebody was busy with the patient, since it was last told."""

    seconds: int = Field(ge=1, le=900)


class Proposed(BaseModel):
    """A limit that somebody thinks of."""

    name: str
    value: float


def _here(connection: Connection, me: Staff, patient_id: str) -> Staff:
    return at_patient(connection, me, PatientId(patient_id))


def _kept(found: NotDone | int, path: str) -> Response:
    """The refusal; or done, and taken back by what was kept's id."""
    return refusal(found) if isinstance(found, NotDone) else done_or(None, undo=f"{path}/{found}/undo")


def limit_routes(desk: Desk) -> APIRouter:
    """The routes of one patient's limits."""
    router = APIRouter(prefix="/api/patients")

    @router.get("/{patient_id}/limits")
    async def limits(patient_id: str) -> Response:
        """Every limit that a rule of this patient uses: its value now, who set it, and what is safe."""
        me, now = signed_in(), desk.clock()
        found = await desk.store(
            lambda c: patient_limits(c, PatientId(patient_id), _here(c, me, patient_id), now)
        )
        if found is None:
            return refusal(no_such_patient())
        return json_answer(limits_props(*found))

    @router.post("/{patient_id}/limits")
    async def change_limit(patient_id: str, fields: Annotated[LimitFields, Body()]) -> Response:
        """Set a limit for this patient alone."""
        me, now = signed_in(), desk.clock()
        found = await desk.store(
            lambda c: set_limit(c, PatientId(patient_id), _here(c, me, patient_id), now, fields)
        )
        return _kept(found, f"/api/patients/{patient_id}/limits")

    @router.post("/{patient_id}/limits/preview")
    async def preview(patient_id: str, proposed: Annotated[Proposed, Body()]) -> Response:
        """What the limit would have done in the last weeks; nothing is written."""
        me, now = signed_in(), desk.clock()

        def work(connection: Connection) -> Preview | NotDone:
            here = _here(connection, me, patient_id)
            refused = refuse_limit(
                connection, PatientId(patient_id), here, now, proposed.name, proposed.value
            )
            if refused is not None:
                return refused
            found = preview_limit(connection, PatientId(patient_id), proposed.name, proposed.value, now)
            return no_such_patient() if found is None else found

        found = await desk.store(work)
        if isinstance(found, NotDone):
            return json_answer({"possible": False, "words": found.sentence, "detail": ""})
        return json_answer({"possible": True, "words": found.words, "detail": found.detail})

    return router


def patient_routes(desk: Desk) -> APIRouter:
    """The routes of readings, messages, sign-in codes and time spent."""
    router = APIRouter(prefix="/api/patients")

    @router.post("/{patient_id}/readings/{reading_id}/{deed}")
    async def reading(
        patient_id: str, reading_id: str, deed: ReadingDeed, fields: Annotated[ReadingFields, Body()]
    ) -> Response:
        """Hold, release, exclude, correct or give away one reading."""
        me, now = signed_in(), desk.clock()
        whose, which = PatientId(patient_id), ReadingId(reading_id)
        refused = await desk.store(
            lambda c: decide_reading(c, whose, which, _here(c, me, whose), now, deed.value, fields)
        )
        return done_or(refused, undo=f"/api/patients/{patient_id}/readings/{reading_id}/undo")

    @router.post("/{patient_id}/messages")
    async def message(patient_id: str, fields: Annotated[MessageFields, Body()]) -> Response:
        """Leave a message for the patient."""
        me, now = signed_in(), desk.clock()
        found = await desk.store(
            lambda c: send_message(c, PatientId(patient_id), _here(c, me, patient_id), now, fields)
        )
        return _kept(found, f"/api/patients/{patient_id}/messages")

    @router.post("/{patient_id}/sign-in-code")
    async def sign_in_code(patient_id: str) -> Response:
        """A code for the patient's own page, to be read out to them once it is sure who they are."""
        me, now = signed_in(), desk.clock()

        def make(connection: Connection) -> tuple[str | None, str] | None:
            theirs = PatientId(patient_id)
            if patient_file(connection, theirs, _here(connection, me, patient_id).ward_id, now) is None:
                return None
            code = portal.new_code(connection, theirs, now, lasts=_READ_OUT_LASTS, by_staff=True)
            return code, portal.link_of(connection, theirs, now)

        made = await desk.store(make)
        if made is None:
            return refusal(no_such_patient())
        code, link = made
        desk.patient_attempts.succeeded(f"patient {patient_id}")
        log.info("code made for a patient", patient_id=patient_id, staff_id=me.staff_id)
        minutes = int(_READ_OUT_LASTS.total_seconds() // 60)
        return json_answer({"code": code, "path": "/me", "link": f"/me/to/{link}", "minutes": minutes})

    @router.post("/{patient_id}/care-time")
    async def care_time(patient_id: str, spent: Annotated[Seconds, Body()]) -> Response:
        """Count time spent on the patient."""
        me, now = signed_in(), desk.clock()
        whose, seconds = PatientId(patient_id), spent.seconds

        def count(connection: Connection) -> bool:
            ward = _here(connection, me, patient_id).ward_id
            return care.add_care_time(connection, whose, ward, me.staff_id, seconds=seconds, now=now)

        counted = await desk.store(count)
        return done_or(None if counted else no_such_patient())

    return router
