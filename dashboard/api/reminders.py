"""/api/reminders: what a nurse wants to be reminded of, and when. Nobody else hears of it."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field

from dashboard.api.answers import done_or, json_answer
from dashboard.desk import Desk, signed_in
from dashboard.reach import at_alert
from dashboard.triage import NotDone, Why
from dashboard.views.wording import full_name
from dashboard.words import say
from store import reminders
from store.connection import Connection
from store.staff import Staff
from store.worklist import alert_patient
from vitals.ids import AlertId

LONGEST = timedelta(days=14)


class Wanted(BaseModel):
    """Of which alert, when, and what for."""

    alert: int = Field(ge=1)
    at: AwareDatetime
    note: str = Field(default="", max_length=200)


def set_reminder(connection: Connection, me: Staff, now: datetime, wanted: Wanted) -> NotDone | None:
    """Keep it, if the alert is open and one of theirs to see, and the time is ahead but not far."""
    alert_id = AlertId(wanted.alert)
    here = at_alert(connection, me, alert_id)
    if alert_patient(connection, alert_id, here.ward_id) is None:
        return NotDone(why=Why.UNKNOWN, sentence=say("There is no such alert on your ward."))
    if not now < wanted.at <= now + LONGEST:
        return NotDone(why=Why.REFUSED, sentence=say("Choose a time within the next 14 days."))
    note = wanted.note.strip()
    if reminders.remind(connection, alert_id, me.staff_id, remind_at=wanted.at, note=note, now=now):
        return None
    return NotDone(why=Why.REFUSED, sentence=say("The alert is closed: nothing is left to be reminded of."))


def reminder_routes(desk: Desk) -> APIRouter:
    """The routes, for the application."""
    router = APIRouter(prefix="/api/reminders")

    @router.get("")
    async def mine() -> Response:
        """What waits, the soonest first."""
        me = signed_in()
        waiting = await desk.store(lambda c: reminders.of_staff(c, me.staff_id))
        return json_answer(
            [
                {
                    "alert": one.alert_id,
                    "name": full_name(one.given_name, one.family_name),
                    "reason": one.reason,
                    "at": one.remind_at,
                    "note": one.note,
                }
                for one in waiting
            ]
        )

    @router.post("")
    async def remind(wanted: Annotated[Wanted, Body()]) -> Response:
        """Remind the person at that time, in place of an earlier wish for the same alert."""
        me, now = signed_in(), desk.clock()
        refused = await desk.store(lambda c: set_reminder(c, me, now, wanted))
        return done_or(refused, undo=f"/api/reminders/{wanted.alert}/end")

    @router.post("/{alert_id}/end")
    async def end(alert_id: int) -> Response:
        """No longer wanted, or dealt with."""
        me, now = signed_in(), desk.clock()
        await desk.store(lambda c: reminders.end(c, AlertId(alert_id), me.staff_id, now=now))
        return done_or(None)

    return router
