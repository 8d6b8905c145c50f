"""/me: the patient's own page, made on the server, which works without any script."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from dashboard.desk import PATIENT_HERE, Desk
from dashboard.gate import csrf_token, patient_token
from dashboard.me_pages import Pages
from dashboard.views.me import KINDS, content, fields, tasks, today_words
from dashboard.views.targets import limits_in_force
from dashboard.views.wording import written_time
from store import care, patients, portal
from store.connection import Connection
from store.patients import CareTeamMember
from store.population import ChartReading, PatientFile, chart_readings, own_file, own_limits, ward_name
from vitals.ids import PatientId
from vitals.measure import Measure

_SHOWN_MESSAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    file: PatientFile
    team: list[CareTeamMember]
    readings: list[ChartReading]
    messages: list[care.SentMessage]
    limits: dict[str, float]
    ward: str


def patient_page_routes(desk: Desk) -> APIRouter:
    """The routes under /me."""
    router = APIRouter(prefix="/me")
    page = Pages(desk.settings.dashboard_emergency_number)

    @router.get("", include_in_schema=False)
    async def me(request: Request, saved: bool = False) -> Response:
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        facts = await desk.store(lambda connection: _read(connection, patient_id, now))
        if facts is None:
            return RedirectResponse("/me/sign-in", status_code=303)
        said, zone = content(facts.file.language), ZoneInfo(facts.file.time_zone)
        asked = tasks(facts.file.programmes, facts.readings, facts.limits, said, now, zone)
        phone = next((one for one in facts.team if one.phone and "nurse" in one.role.lower()), None)
        return page(
            "me.html", facts.file.language, title=said.page["welcome"], ward=facts.ward,
            name=facts.file.given_name, today=today_words(now, zone, facts.file.language, said),
            tasks=asked, done=sum(task.value is not None for task in asked),
            next=next((task for task in asked if task.value is None), None),
            messages=_messages(facts, zone),
            phone={"name": phone.name, "role": phone.role, "number": phone.phone} if phone else None,
            said=said.page["saved"] if saved else None,
            token=csrf_token(patient_token(request.headers) or ""),
        )  # fmt: skip

    @router.get("/add/{kind}", include_in_schema=False)
    async def ask(request: Request, kind: str) -> Response:
        if kind not in KINDS:
            return Response("There is nothing here.", status_code=404)
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        language, ward = await desk.store(lambda connection: _language(connection, patient_id, now))
        said = content(language)
        return page(
            "me_add.html", language, title=said.measures[kind].add, key=kind, words=said.measures[kind],
            fields=fields(kind, None, said)[0], ward=ward,
            token=csrf_token(patient_token(request.headers) or ""),
        )  # fmt: skip

    @router.post("/add/{kind}", include_in_schema=False)
    async def add(request: Request, kind: str) -> Response:
        form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
        token = csrf_token(patient_token(request.headers) or "")
        if kind not in KINDS or not hmac.compare_digest(form.get("token", ""), token):
            return Response("This did not come from our own page.", status_code=403)
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        language, ward = await desk.store(lambda connection: _language(connection, patient_id, now))
        said = content(language)
        drawn, values = fields(kind, form, said)
        if not values:
            return page(
                "me_add.html", language, 422, title=said.measures[kind].add, key=kind, token=token, ward=ward,
                words=said.measures[kind], fields=drawn,
                problems=[(one.id, one.problem) for one in drawn if one.problem],
            )  # fmt: skip
        await desk.store(lambda connection: portal.add_typed_in(connection, patient_id, values, now))
        return RedirectResponse("/me?saved=1", status_code=303)

    return router


def _read(connection: Connection, patient_id: PatientId, now: datetime) -> _Facts | None:
    file = own_file(connection, patient_id, now)
    if file is None:
        return None
    messages = list(care.messages_to(connection, patient_id, limit=_SHOWN_MESSAGES))
    care.mark_read(connection, patient_id, now=now)
    since = now - timedelta(days=8)
    own = own_limits(connection, [patient_id], now).get(patient_id, {})
    return _Facts(
        file=file,
        team=patients.care_team(connection, patient_id),
        readings=chart_readings(connection, patient_id, list(Measure), since=since, until=now),
        messages=messages,
        limits=dict(limits_in_force(file.programmes, own)),
        ward=ward_name(connection, patient_id),
    )


def _language(connection: Connection, patient_id: PatientId, now: datetime) -> tuple[str, str]:
    """The patient's language and their ward's name."""
    file = own_file(connection, patient_id, now)
    return (file.language if file else "en"), ward_name(connection, patient_id)


def _messages(facts: _Facts, zone: ZoneInfo) -> list[dict[str, str]]:
    return [
        {"body": one.body, "author": one.author_name, "when": written_time(one.sent_at, zone)}
        for one in facts.messages
    ]
