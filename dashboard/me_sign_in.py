"""How a patient gets to their own page: a code that is sent to them, or that a nurse reads out."""

import secrets
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts.book import texts
from dashboard.code_post import CodePost
from dashboard.desk import Desk
from dashboard.gate import PATIENT_COOKIE, patient_token
from dashboard.me_pages import Pages, remember_language
from store import portal
from store.connection import Connection

_WHY = ("ended", "not_saved", "signed_out", "left")
_LONGEST = 60
# Anything that is too long is told like any other mistake, and not refused by the form's reader.
_Text = Annotated[str, Form()]


def patient_sign_in_routes(desk: Desk, page: Pages) -> APIRouter:
    """The routes /me/to, /me/sign-in, /me/code and /me/sign-out."""
    router = APIRouter(prefix="/me")
    post = CodePost(desk, page)
    form = partial(_form, page)
    https = desk.settings.dashboard_https

    def chosen(answer: Response, language: str) -> Response:
        if language in texts.LANGUAGES:
            remember_language(answer, language, https=https)
        return answer

    @router.get("/to/{link}", include_in_schema=False)
    async def to(request: Request, link: str, lang: str = "") -> Response:
        token, now = patient_token(request.headers) or "", desk.clock()
        if await desk.store(lambda connection: _is_here(connection, link, token, now)):
            return RedirectResponse("/me", status_code=303)
        return chosen(form(page.asked_language(request, lang), "who", link), lang)

    @router.get("/sign-in", include_in_schema=False)
    async def who(request: Request, why: str = "", lang: str = "") -> Response:
        return chosen(form(page.asked_language(request, lang), "who", "", why=why), lang)

    @router.post("/code", include_in_schema=False)
    async def code(request: Request, who: _Text = "", lang: _Text = "", have: _Text = "") -> Response:
        language = page.asked_language(request, lang)
        if not 0 < len(who.strip()) <= _LONGEST:
            return form(language, "who", "", 422, "no_record")
        if not have:
            post.send(_short(who))
        return form(language, "code", who, have=bool(have))

    @router.post("/sign-in", include_in_schema=False)
    async def sign_in(
        request: Request, who: _Text = "", code: _Text = "", lang: _Text = "", have: _Text = ""
    ) -> Response:
        language = page.asked_language(request, lang)
        form = partial(_form, page, language, "code", _short(who), have=bool(have))
        return await _sign_in(desk, page, request, _short(who), code, form)

    @router.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        token = patient_token(request.headers) or ""
        await desk.store(lambda connection: portal.end_patient_session(connection, token))
        response = RedirectResponse("/me/sign-in?why=signed_out", status_code=303)
        response.delete_cookie(PATIENT_COOKIE, path="/me")
        return response

    return router


def _short(text: str) -> str:
    """What was typed, so that any length and any character can be looked up."""
    return text.replace("\0", "")[:_LONGEST]


async def _sign_in(
    desk: Desk, page: Pages, request: Request, who: str, code: str, form: Callable[[int, str], Response]
) -> Response:
    """To their page where the code is right; else the form again, with what to do."""
    now = desk.clock()
    address = request.client.host if request.client else ""
    found = await desk.store(lambda connection: portal.known(connection, who))
    account = who.strip() if found is None else f"patient {found.patient_id}"
    if desk.patient_attempts.wait(account, address, now) is not None:
        return form(429, "too_many")
    digits = "".join(one for one in code if one in "0123456789")
    if not digits:
        return form(422, "no_code")
    token = await desk.store(lambda connection: _begin(connection, found, digits, now))
    if found is None or token is None:
        desk.patient_attempts.failed(account, address, now)
        return form(422, "wrong_code")
    desk.patient_attempts.succeeded(account)
    https = desk.settings.dashboard_https
    answer = _signed_in(token, https=https)
    remember_language(answer, page.known_language(found.language), https=https)
    return answer


def _form(
    page: Pages,
    language: str,
    step: str,
    who: str,
    status: int = 200,
    problem: str | None = None,
    why: str = "",
    *,
    have: bool = False,
) -> Response:
    """One of the two steps: `who` asks for a code to be sent, `code` takes it (`have`: from a nurse)."""
    said = page.said(language)
    return page(
        "me_sign_in.html", language, status, step=step, who=who, have=have,
        title=said.page["type_code" if step == "code" else "welcome"],
        note=said.page[why] if why in _WHY else None,
        other=page.other_language(language),
        problems=[(step, said.page[problem])] if problem else [],
    )  # fmt: skip


def _signed_in(token: str, *, https: bool) -> Response:
    """To their page, with the session in a cookie that only our pages of theirs are sent."""
    response = RedirectResponse("/me", status_code=303)
    response.set_cookie(
        PATIENT_COOKIE, token, httponly=True, samesite="lax", secure=https, path="/me",
        max_age=int(portal.SESSION.total_seconds()),
    )  # fmt: skip
    return response


def _is_here(connection: Connection, link: str, token: str, now: datetime) -> bool:
    """Whether the patient of this link is the one who is signed in: a family may share a telephone."""
    here = portal.session_patient(connection, token, now) if token else None
    found = portal.known(connection, link)
    return here is not None and found is not None and found.patient_id == here


def _begin(connection: Connection, found: portal.Known | None, code: str, now: datetime) -> str | None:
    """A session's token where the code is right; None else."""
    # An unknown person costs a comparison too, so that neither can be told apart.
    if found is None:
        secrets.compare_digest(code, "000000")
        return None
    if not portal.try_code(connection, found.patient_id, code, now):
        return None
    return portal.begin_patient_session(connection, found.patient_id, now)
