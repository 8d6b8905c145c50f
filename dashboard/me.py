"""/me: the patient's own page, made on the server, which works without any script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from alerts import asking, typed_in
from alerts.clinic.patient_words import Content
from dashboard.desk import PATIENT_HERE, Desk
from dashboard.me_pages import Around, Pages, around, sent_form
from dashboard.views.me import day_words, paused_words, tasks, today_words
from dashboard.views.me_asks import answers, next_step
from dashboard.views.me_typed_in import receipt_of, taken_back_words
from dashboard.views.sparkline import DAYS, HEIGHT, WIDTH
from dashboard.views.targets import limits_in_force
from store import asks, care, devices, evaluations
from store.connection import Connection
from store.population import ChartReading, chart_readings, own_limits
from store.typed_in import TypedIn
from vitals.ask import Ask, AskKind
from vitals.ids import PatientId
from vitals.measure import Measure

_SHOWN_MESSAGES = 3
_SAID_ASKS = ("thanks", "thanks_yes", "thanks_no", "closed")
_SAID_PAGE = ("saved", "taken_back", "too_late")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    around: Around
    readings: list[ChartReading]
    typed: Sequence[TypedIn]
    messages: list[care.SentMessage]
    limits: dict[str, float]
    asks: list[Ask]
    rules_look: bool
    battery_low: bool


def patient_page_routes(desk: Desk, page: Pages) -> APIRouter:
    """The routes /me and /me/answer."""
    router = APIRouter(prefix="/me")

    @router.get("", include_in_schema=False)
    async def me(request: Request, said: str = "") -> Response:
        return await _home(desk, page, request, said)

    @router.post("/answer/{ask_id}", include_in_schema=False)
    async def answer(request: Request, ask_id: int) -> Response:
        form, ours = await sent_form(request)
        if not ours:
            return page.note(request, "not_ours", 403)
        patient_id, now = PATIENT_HERE.get(), desk.clock()
        done = await desk.store(lambda connection: _answered(connection, patient_id, ask_id, form, now))
        if done is None:
            return await _home(desk, page, request, "", typed=form)
        return RedirectResponse(f"/me?said={done}", status_code=303)

    return router


async def _home(
    desk: Desk, page: Pages, request: Request, said: str, typed: Mapping[str, str] | None = None
) -> Response:
    """The page itself; `typed` is what was sent of a check-in that lacks an answer."""
    patient_id, now = PATIENT_HERE.get(), desk.clock()
    facts = await desk.store(lambda connection: _read(connection, patient_id, now))
    if facts is None:
        return RedirectResponse("/me/sign-in", status_code=303)
    file, zone = facts.around.file, facts.around.zone
    language, words = file.language, page.said(file.language)
    asked = tasks(file.programmes, facts.readings, facts.limits, words, now, zone)
    paused = paused_words(file, zone, language, words)
    step = next_step(
        facts.asks, asked, facts.readings, words, zone, typed,
        paused=paused is not None, rules_look=facts.rules_look,
    )  # fmt: skip
    open_ids = {one.reading_id for one in facts.typed if one.is_open}
    return page.of_patient(
        "me.html", request, facts.around, now, status=200 if typed is None else 422,
        title=words.page["welcome"], name=file.given_name, today=today_words(now, zone, language, words),
        as_of=words.page["as_of"].format(at=f"{now.astimezone(zone):%H:%M}"), tasks=asked, open_ids=open_ids,
        done=sum(task.value is not None for task in asked), step=step, paused=paused,
        problems=[(f"{one.id}-yes", f"{one.words} {one.problem}") for one in step.questions if one.problem],
        messages=_messages(facts, zone, language), said=_thanks(words, said),
        receipt=receipt_of(facts.typed, facts.readings, words, now) if said == "saved" else None,
        taken_back=taken_back_words(facts.typed, facts.readings, words, now, zone),
        battery=words.page["battery"] if facts.battery_low else None,
        picture={"width": WIDTH, "height": HEIGHT, "days": DAYS},
    )  # fmt: skip


def _thanks(words: Content, said: str) -> str | None:
    if said in _SAID_PAGE:
        return words.page[said]
    return words.asks[said] if said in _SAID_ASKS else None


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
    found = around(connection, patient_id, now)
    if found is None:
        return None
    new = care.mark_read(connection, patient_id, now=now)
    messages = [
        replace(one, read_at=None) if one.message_id in new else one
        for one in care.messages_to(connection, patient_id, limit=_SHOWN_MESSAGES)
    ]
    since = now - timedelta(days=DAYS + 1)
    own = own_limits(connection, [patient_id], now).get(patient_id, {})
    limits = dict(limits_in_force(found.file.programmes, own))
    low = limits.get("battery_low", 0.0)
    batteries = [device.battery_percent for device in devices.of_patient(connection, patient_id, at=now)]
    return _Facts(
        around=found,
        readings=chart_readings(connection, patient_id, list(Measure), since=since, until=now),
        typed=typed_in.lately(connection, patient_id, now),
        messages=messages,
        limits=limits,
        asks=asks.open_of(connection, patient_id, now),
        rules_look=evaluations.is_due(connection, patient_id),
        battery_low=any(percent is not None and percent < low for percent in batteries),
    )


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
