"""Signing in and out: a form, a slow hash in a bounded pool, an opaque cookie."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from math import ceil
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, select_autoescape

from alerts.book import texts
from dashboard.attempts import Attempts
from dashboard.desk import Desk
from dashboard.gate import CSRF_COOKIE, LANGUAGE_COOKIE, SESSION_COOKIE, csrf_token, session_token
from dashboard.words import LANGUAGE, say
from store.connection import borrow
from store.sessions import begin_session, end_session, forget_old_sessions
from store.staff import Staff, staff_with_password

log = structlog.get_logger()

TEMPLATES = Environment(loader=PackageLoader("dashboard"), autoescape=select_autoescape())
HOME = "/app/alerts"
LANGUAGES = (("en", "English"), ("es", "Español"))
_YEAR_S = 365 * 86400
_WRONG = "The e-mail and password do not match. Check both and try again."


def _safe_next(wanted: str) -> str:
    """Where to go after signing in: one of our own pages, whatever a link said."""
    ours = wanted.startswith("/app/") and "\\" not in wanted and "\n" not in wanted and "\r" not in wanted
    return wanted if ours else HOME


def sign_in_routes(desk: Desk) -> APIRouter:
    """The routes /sign-in and /sign-out, and / which leads to the alerts."""
    router = APIRouter()
    attempts = Attempts()
    # A hash takes tens of milliseconds of a processor: two at a time, so a flood of sign-ins starves itself.
    hashers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sign-in")

    def page(problem: str, email: str, wanted: str, status: int = 200) -> HTMLResponse:
        minutes = desk.settings.dashboard_idle_minutes
        return HTMLResponse(_form(problem, email, wanted, minutes), status_code=status)

    @router.get("/", include_in_schema=False)
    async def home() -> Response:
        return RedirectResponse(HOME, status_code=303)

    @router.get("/sign-in", include_in_schema=False)
    async def form(request: Request, next: str = HOME, language: str = "") -> Response:
        LANGUAGE.set(chosen_language(request, language))
        answer = page("", "", _safe_next(next))
        secure = desk.settings.dashboard_https
        answer.set_cookie(LANGUAGE_COOKIE, LANGUAGE.get(), max_age=_YEAR_S, samesite="lax", secure=secure)
        return answer

    @router.post("/sign-in", include_in_schema=False)
    async def sign_in(
        request: Request,
        email: Annotated[str, Form(max_length=200)],
        password: Annotated[str, Form(max_length=200)],
        next: Annotated[str, Form(max_length=500)] = HOME,
    ) -> Response:
        LANGUAGE.set(chosen_language(request))
        now = desk.clock()
        address = request.client.host if request.client else ""
        wait = attempts.wait(email, address, now)
        if wait is not None:
            minutes = ceil(wait.total_seconds() / 60)
            return page(say("Too many tries. Try again in {n} min.", n=minutes), email, _safe_next(next), 429)
        staff = await asyncio.get_running_loop().run_in_executor(hashers, _who, desk, email, password)
        if staff is None:
            attempts.failed(email, address, now)
            log.info("sign-in refused", address=address)
            return page(say(_WRONG), email, _safe_next(next), 401)
        attempts.succeeded(email)
        token = await desk.store(lambda connection: begin_session(connection, staff.staff_id, now))
        await desk.store(lambda c: forget_old_sessions(c, now, absolute=desk.settings.absolute))
        log.info("signed in", staff_id=staff.staff_id)
        response = RedirectResponse(_safe_next(next), status_code=303)
        set_cookies(response, token, secure=desk.settings.dashboard_https)
        return response

    _sign_out_route(router, desk)
    return router


def _sign_out_route(router: APIRouter, desk: Desk) -> None:
    @router.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        token = session_token(request.headers)
        if token is not None:
            await desk.store(lambda connection: end_session(connection, token))
        response = Response(status_code=204)
        response.delete_cookie(SESSION_COOKIE)
        response.delete_cookie(CSRF_COOKIE)
        return response


def _form(problem: str, email: str, wanted: str, idle_minutes: int) -> str:
    return TEMPLATES.get_template("sign_in.html").render(
        problem=problem, email=email, next=wanted, idle_minutes=idle_minutes,
        say=say, language=LANGUAGE.get(), languages=LANGUAGES,
    )  # fmt: skip


def chosen_language(request: Request, wanted: str = "") -> str:
    """The language that was asked for, or else chosen before, or else the browser's; English otherwise."""
    if wanted in texts.LANGUAGES:
        return wanted
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen is not None:
        return texts.language_for(chosen)
    accepted = request.headers.get("accept-language", "").split(",")
    asked = [part.split(";")[0].strip().split("-")[0].lower() for part in accepted]
    return next((one for one in asked if one in texts.LANGUAGES), texts.ENGLISH)


def set_cookies(response: Response, token: str, *, secure: bool) -> None:
    """The session, and the word that our own scripts send back in a header."""
    response.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")
    # Readable by our own scripts on purpose: they send it back in a header, which no stranger's page can.
    response.set_cookie(
        CSRF_COOKIE, csrf_token(token), httponly=False, samesite="lax", secure=secure, path="/"
    )


def _who(desk: Desk, email: str, password: str) -> Staff | None:
    with borrow(desk.pool) as connection:
        return staff_with_password(connection, email, password)
