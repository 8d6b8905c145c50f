"""/me: the patient's own page, made on the server, which works without any script."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from alerts import asking
from dashboard.desk import PATIENT_HERE, Desk
from dashboard.gate import csrf_token, patient_token
from dashboard.me_pages import Pages
from dashboard.patient_words import Content
from dashboard.service_hours import looking
from dashboard.views.me import (
    KINDS,
    day_words,
    fields,
    looking_words,
    nobody_words,
    paused_words,
    tasks,
    today_words,
)  # fmt: skip
from dashboard.views.me_asks import answers, next_step
from dashboard.views.sparkline import DAYS, HEIGHT, WIDTH
from dashboard.views.targets import limits_in_force
from store import asks, care, patients, portal
from store.connection import Connection
from store.patients import CareTeamMember
from store.population import ChartReading, PatientFile, chart_readings, own_file, own_limits, ward_of
from vitals.ask import Ask, AskKind
from vitals.ids import PatientId
from vitals.measure import Measure

_SHOWN_MESSAGES = 3
_THANKS = ("thanks", "thanks_yes", "thanks_no", "closed")
_ASK = "/answer/{ask_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    file: PatientFile
    team: list[CareTeamMember]
    readings: list[ChartReading]
    messages: list[care.SentMessage]
    limits: dict[str, float]
    ward: str
    ward_zone: ZoneInfo
    asks: list[Ask]


def patient_page_routes(desk: Desk, page: Pages) -> APIRouter:
    """The routes under /me."""
    router = APIRouter(prefix="/me")

    @router.get("", include_in_schema=False)
    async def me(request: Request, said: str = "") -> Response:
        return await _home(desk, page, request, said)

    @router.post(_ASK, include_in_schema=False)
    async def answer(request: Request, ask_id: int) -> Response:
        form, ours = await _form(request)
        if not ours:
            return _stranger()
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        done = await desk.store(lambda connection: _answered(connection, patient_id, ask_id, form, now))
        if done is None:
            return await _home(desk, page, request, "", typed=form)
        return RedirectResponse(f"/me?said={done}", status_code=303)

    @router.get("/add/{kind}", include_in_schema=False)
    async def ask(request: Request, kind: str) -> Response:
        if kind not in KINDS:
            return Response("There is nothing here.", status_code=404)
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        language, ward = await desk.store(lambda connection: _language(connection, patient_id, now))
        said = page.said(language)
        return page(
            "me_add.html", language, title=said.measures[kind].add, key=kind, words=said.measures[kind],
            fields=fields(kind, None, said)[0], ward=ward, token=_token(request),
        )  # fmt: skip

    @router.post("/add/{kind}", include_in_schema=False)
    async def add(request: Request, kind: str) -> Response:
        form, ours = await _form(request)
        if kind not in KINDS or not ours:
            return _stranger()
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        language, ward = await desk.store(lambda connection: _language(connection, patient_id, now))
        said = page.said(language)
        drawn, values = fields(kind, form, said)
        if not values:
            return page(
                "me_add.html", language, 422, title=said.measures[kind].add, key=kind, ward=ward,
                token=_token(request), words=said.measures[kind], fields=drawn,
                problems=[(one.id, one.problem) for one in drawn if one.problem],
            )  # fmt: skip
        await desk.store(lambda connection: portal.add_typed_in(connection, patient_id, values, now))
        return RedirectResponse("/me?said=saved", status_code=303)

    return router


async def _home(
    desk: Desk, page: Pages, request: Request, said: str, typed: Mapping[str, str] | None = None
) -> Response:
    """The page itself; `typed` is what was sent of a check-in that lacks an answer."""
    patient_id, now = PATIENT_HERE.get(), desk.clock()
    facts = await desk.store(lambda connection: _read(connection, patient_id, now))
    if facts is None:
        return RedirectResponse("/me/sign-in", status_code=303)
    words, zone, language = (
        page.said(facts.file.language),
        ZoneInfo(facts.file.time_zone),
        facts.file.language,
    )
    asked = tasks(facts.file.programmes, facts.readings, facts.limits, words, now, zone)
    watch = looking(words.watch.hours, words.watch.closed_on, facts.ward_zone, now)
    paused = paused_words(facts.file, zone, language, words)
    step = next_step(facts.asks, asked, facts.readings, words, zone, typed, paused=paused is not None)
    return page(
        "me.html", language, 200 if typed is None else 422, title=words.page["welcome"], ward=facts.ward,
        name=facts.file.given_name, today=today_words(now, zone, language, words), tasks=asked,
        done=sum(task.value is not None for task in asked), step=step,
        problems=[(f"{one.id}-yes", f"{one.words} {one.problem}") for one in step.questions if one.problem],
        messages=_messages(facts, zone, language), nurse=_nurse(facts.team), said=_thanks(words, said),
        picture={"width": WIDTH, "height": HEIGHT, "days": DAYS}, token=_token(request), paused=paused,
        nobody=nobody_words(watch, zone, language, words) if words.watch.hours else None,
        looking=looking_words(watch, zone, words) if words.watch.hours else None,
    )  # fmt: skip


def _thanks(words: Content, said: str) -> str | None:
    if said == "saved":
        return words.page["saved"]
    return words.asks[said] if said in _THANKS else None


def _nurse(team: list[CareTeamMember]) -> CareTeamMember | None:
    """Whom the patient calls: the nurse of their care team, if one has a telephone."""
    return next((one for one in team if one.phone and "nurse" in one.role.lower()), None)


async def _form(request: Request) -> tuple[dict[str, str], bool]:
    """What was sent, and whether it came from our own page."""
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    return form, hmac.compare_digest(form.get("token", ""), _token(request))


def _token(request: Request) -> str:
    return csrf_token(patient_token(request.headers) or "")


def _stranger() -> Response:
    return Response("This did not come from our own page.", status_code=403)


def _answered(
    connection: Connection, patient_id: PatientId, ask_id: int, form: Mapping[str, str], now: datetime
) -> str | None:
    """Keep the patient's answer; which thanks to say, or None where a question is left open."""
    ask = next((one for one in asks.open_of(connection, patient_id, now) if one.ask_id == ask_id), None)
    if ask is None:
        return "closed"
    if ask.wanted.kind is AskKind.CHECK_IN:
        given = answers(form)
        if set(ask.wanted.questions) - given.keys():
            return None
        return "thanks" if asking.check_in(connection, patient_id, ask_id, given, now) else "closed"
    if form.get("answer") not in ("yes", "no"):
        return None
    is_mine = form["answer"] == "yes"
    done = asking.say_whose(connection, patient_id, ask_id, is_mine=is_mine, now=now)
    return "closed" if done is None else "thanks_yes" if is_mine else "thanks_no"


def _read(connection: Connection, patient_id: PatientId, now: datetime) -> _Facts | None:
    file = own_file(connection, patient_id, now)
    if file is None:
        return None
    new = care.mark_read(connection, patient_id, now=now)
    messages = [
        replace(one, read_at=None) if one.message_id in new else one
        for one in care.messages_to(connection, patient_id, limit=_SHOWN_MESSAGES)
    ]
    since = now - timedelta(days=DAYS + 1)
    own = own_limits(connection, [patient_id], now).get(patient_id, {})
    ward, ward_zone = ward_of(connection, patient_id)
    return _Facts(
        file=file,
        team=patients.care_team(connection, patient_id),
        readings=chart_readings(connection, patient_id, list(Measure), since=since, until=now),
        messages=messages,
        limits=dict(limits_in_force(file.programmes, own)),
        ward=ward,
        ward_zone=ZoneInfo(ward_zone),
        asks=asks.open_of(connection, patient_id, now),
    )


def _language(connection: Connection, patient_id: PatientId, now: datetime) -> tuple[str, str]:
    """The patient's language and their ward's name."""
    file = own_file(connection, patient_id, now)
    return (file.language if file else "en"), ward_of(connection, patient_id)[0]


def _messages(facts: _Facts, zone: ZoneInfo, language: str) -> list[dict[str, str | None]]:
    return [
        {
            "body": one.body,
            "author": one.author_name,
            "when": day_words(one.sent_at, zone, language),
            "read": None if one.read_at is None else day_words(one.read_at, zone, language),
        }
        for one in facts.messages
    ]
