"""/api/alerts: the worklist, one alert, and what can be done to it."""

from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response

from dashboard.api.answers import json_answer, refusal
from dashboard.desk import Desk, signed_in
from dashboard.reach import at_alert
from dashboard.triage import Deed, NotDone, perform
from dashboard.views.worklist import asked_from, worklist_props
from store import alerts as stored_alerts
from store.connection import Connection
from store.worklist import alert_patient, worklist
from vitals.alert import Alert
from vitals.ids import AlertId


def _alert_json(alert: Alert) -> dict[str, object]:
    """The alert as the API shows it; ids and codes only, no name."""
    return {
        "alert_id": alert.alert_id,
        "patient_id": alert.patient_id,
        "problem": alert.problem,
        "kind": alert.kind,
        "priority": alert.priority,
        "rule": alert.rule,
        "rule_version": alert.rule_version,
        "reason": alert.reason,
        "raised_at": alert.raised_at,
        "due_at": alert.due_at,
        "acknowledged_at": alert.acknowledged_at,
        "owner": alert.owner,
        "snoozed_until": alert.snoozed_until,
        "cleared_at": alert.cleared_at,
        "closed_at": alert.closed_at,
        "outcome": alert.outcome,
        "rev": alert.rev,
    }


def alert_routes(desk: Desk) -> APIRouter:
    """The routes under /api/alerts, and /api/presence."""
    router = APIRouter(prefix="/api")

    @router.get("/alerts")
    async def listed(
        show: str = "all",
        priority: str | None = None,
        search: Annotated[str, Query(max_length=80)] = "",
        after: str | None = None,
    ) -> Response:
        """One page of the worklist: most pressing first, then oldest; `next` asks for the page after it."""
        me, now = signed_in(), desk.clock()
        asked = asked_from({"show": show, "priority": priority, "search": search, "after": after}, me)

        def read(connection: Connection) -> object:
            return worklist_props(worklist(connection, asked, now), asked, me=me, now=now)

        return json_answer(await desk.store(read))

    @router.get("/alerts/{alert_id}")
    async def one(alert_id: int) -> Response:
        """One alert as it stands."""
        me = signed_in()

        def read(connection: Connection) -> Alert | None:
            here = at_alert(connection, me, AlertId(alert_id))
            if alert_patient(connection, AlertId(alert_id), here.ward_id) is None:
                return None
            return stored_alerts.get(connection, AlertId(alert_id))

        alert = await desk.store(read)
        if alert is None:
            return json_answer({"error": "There is no such alert on your ward."}, 404)
        return json_answer(_alert_json(alert))

    @router.post("/alerts/{alert_id}/{deed}")
    async def act(alert_id: int, deed: Deed, body: Annotated[dict[str, object], Body()]) -> Response:
        """Do it. `rev` is the revision that was seen; 409 where the alert has moved since."""
        rev = body.get("rev")
        if not isinstance(rev, int):
            return json_answer({"error": "Say which revision of the alert you saw: rev."}, 422)
        fields = {key: value for key, value in body.items() if key != "rev"}
        done = await perform(desk, signed_in(), deed, AlertId(alert_id), rev, fields)
        if isinstance(done, NotDone):
            return refusal(done)
        return json_answer(_alert_json(done.alert))

    @router.get("/presence")
    @router.post("/presence")
    async def present() -> Response:
        """Whether the session still holds (GET), and that its person is there (POST: the gate counts it)."""
        return json_answer({"signed_in": True})

    return router
