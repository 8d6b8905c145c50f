"""/api/quarantine, /api/gateways, /api/devices and /api/reports: the ward's equipment and its numbers."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from dashboard.api.answers import done_or
from dashboard.desk import Desk, signed_in
from dashboard.views.reports import alerts_csv
from dashboard.ward import (
    EnrolDevice,
    EnrolGateway,
    decide_quarantine,
    enrol_device,
    enrol_gateway,
)
from store import reports


class QuarantineDeed(StrEnum):
    """What can become of a refused reading."""

    RELEASE = "release"
    REASSIGN = "reassign"
    DISCARD = "discard"


class QuarantineFields(BaseModel):
    """Why, and whose it is where it is given to somebody."""

    why: str = Field(min_length=1, max_length=500)
    record_number: str = Field(default="", max_length=60)


def equipment_routes(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix="/api")

    @router.post("/quarantine/{quarantine_id}/{deed}")
    async def quarantined(
        quarantine_id: int, deed: QuarantineDeed, fields: Annotated[QuarantineFields, Body()]
    ) -> Response:
        """Release, give away or discard what was refused."""
        me, now = signed_in(), desk.clock()
        return done_or(
            await desk.store(
                lambda c: decide_quarantine(
                    c, quarantine_id, me, now, deed.value, why=fields.why, record_number=fields.record_number
                )
            )
        )

    @router.post("/gateways")
    async def gateway(fields: Annotated[EnrolGateway, Body()]) -> Response:
        """Enrol a gateway."""
        now = desk.clock()
        return done_or(await desk.store(lambda c: enrol_gateway(c, now, fields)))

    @router.post("/devices")
    async def device(fields: Annotated[EnrolDevice, Body()]) -> Response:
        """Enrol a device."""
        now = desk.clock()
        return done_or(await desk.store(lambda c: enrol_device(c, now, fields)))

    @router.get("/reports/alerts.csv")
    async def export(days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
        """The ward's alerts of the last days, ids and codes only."""
        me, now = signed_in(), desk.clock()
        lines = await desk.store(
            lambda c: reports.alert_lines(c, me.ward_id, now - timedelta(days=days), now)
        )
        name = f"hearthward-alerts-{now:%Y-%m-%d}.csv"
        return Response(
            alerts_csv(lines),
            media_type="text/csv",
            headers={"content-disposition": f'attachment; filename="{name}"'},
        )

    return router
