"""Whose a record number is, and whose a device: given, ended, and that taken back."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response
from pydantic import BaseModel, Field

from dashboard.api.answers import done_or, json_answer, refusal
from dashboard.desk import Desk, signed_in
from dashboard.reach import at_patient
from dashboard.triage import NotDone
from dashboard.views.patient import whose_props
from dashboard.ward import Give, assign_device, end_device, undo_end
from store.connection import Connection
from store.population import PatientFile, patient_by_record_number, patient_file
from vitals.ids import DeviceId, PatientId


class Number(BaseModel):
    """A record number that somebody typed; `beside` is the patient whose page it was typed on."""

    record_number: str = Field(min_length=1, max_length=60)
    beside: str | None = Field(default=None, max_length=64)


def assignment_routes(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api")

    @router.post("/patients/whose")
    async def whose(number: Annotated[Number, Body()]) -> Response:
        """Whose record number it is, before anything is given to them; null where nobody's of the ward."""
        me, now = signed_in(), desk.clock()

        def look(connection: Connection) -> PatientFile | None:
            here = me if number.beside is None else at_patient(connection, me, PatientId(number.beside))
            found = patient_by_record_number(connection, number.record_number.strip(), here.ward_id)
            return None if found is None else patient_file(connection, found, here.ward_id, now)

        return json_answer({"patient": whose_props(await desk.store(look), now)})

    @router.post("/devices/{device_id}/assign")
    async def assign(device_id: str, fields: Annotated[Give, Body()]) -> Response:
        """Give a device, or one user slot of it, to a patient from now on."""
        me, now = signed_in(), desk.clock()
        return done_or(await desk.store(lambda c: assign_device(c, DeviceId(device_id), me, now, fields)))

    @router.post("/devices/{device_id}/end")
    async def end(device_id: str, slot: Annotated[int | None, Body(embed=True)] = None) -> Response:
        """End the assignment of a device, or of one user slot of it."""
        me, now = signed_in(), desk.clock()
        ended = await desk.store(lambda c: end_device(c, DeviceId(device_id), slot, me, now))
        if isinstance(ended, NotDone):
            return refusal(ended)
        return done_or(None, undo=f"/api/devices/{device_id}/ends/{ended}/undo")

    @router.post("/devices/{device_id}/ends/{end_id}/undo")
    async def undo(device_id: str, end_id: int) -> Response:
        """Let an assignment that was ended by mistake run on."""
        me, now = signed_in(), desk.clock()
        return done_or(await desk.store(lambda c: undo_end(c, DeviceId(device_id), end_id, me, now)))

    return router
