"""/api/patients/…/undo: a limit, a decision on a reading or a message, taken back."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response

from dashboard.api.answers import done_or
from dashboard.desk import Desk, signed_in
from dashboard.reach import at_patient
from dashboard.taken_back import (
    TakeBackFields,
    TakeBackReadingFields,
    take_back_decision,
    take_back_limit,
    take_back_message,
)
from vitals.ids import PatientId, ReadingId


def taken_back_routes(desk: Desk) -> APIRouter:
    """The routes, for the application."""
    router = APIRouter(prefix="/api/patients/{patient_id}")

    @router.post("/limits/{limit_id}/undo")
    async def limit(patient_id: str, limit_id: int, fields: Annotated[TakeBackFields, Body()]) -> Response:
        """Have the limit that was in force before count again."""
        me, now, whose = signed_in(), desk.clock(), PatientId(patient_id)
        return done_or(
            await desk.store(
                lambda c: take_back_limit(c, whose, at_patient(c, me, whose), now, limit_id, fields.reason)
            )
        )

    @router.post("/readings/{reading_id}/undo")
    async def decision(
        patient_id: str, reading_id: str, fields: Annotated[TakeBackReadingFields, Body()]
    ) -> Response:
        """Have the reading stand as it stood before the last decision on it."""
        me, now, whose = signed_in(), desk.clock(), PatientId(patient_id)
        return done_or(
            await desk.store(
                lambda c: take_back_decision(
                    c, whose, ReadingId(reading_id), at_patient(c, me, whose), now, fields
                )
            )
        )

    @router.post("/messages/{message_id}/undo")
    async def message(patient_id: str, message_id: int) -> Response:
        """Take back a message that the patient has not read."""
        me, now, whose = signed_in(), desk.clock(), PatientId(patient_id)
        return done_or(
            await desk.store(lambda c: take_back_message(c, whose, at_patient(c, me, whose), now, message_id))
        )

    return router
