"""The first sign-in of a member of staff: a link that works once, and a password of their own."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dashboard.desk import Desk
from dashboard.sign_in import HOME, LANGUAGES, TEMPLATES, chosen_language, set_cookies
from dashboard.words import LANGUAGE, say
from store import invitations
from store.connection import Connection
from store.sessions import begin_session
from store.staff import hash_password
from vitals.ids import StaffId

log = structlog.get_logger()

LEAST = 15
"""Characters of a password that stands alone (NIST SP 800-63B-4, 2025, section 3.1.1.2)."""

_PATH = "/first-sign-in/{token}"


def first_sign_in_routes(desk: Desk) -> APIRouter:
    """The routes under /first-sign-in."""
    router = APIRouter()

    @router.get(_PATH, include_in_schema=False)
    async def form(request: Request, token: str, language: str = "") -> Response:
        LANGUAGE.set(chosen_language(request, language))
        now = desk.clock()
        found = await desk.store(lambda connection: invitations.invited(connection, token, now))
        return _form(found, "", 200 if found else 404)

    @router.post(_PATH, include_in_schema=False)
    async def choose(
        request: Request,
        token: str,
        password: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
        language: str = "",
    ) -> Response:
        LANGUAGE.set(chosen_language(request, language))
        now = desk.clock()
        found = await desk.store(lambda connection: invitations.invited(connection, token, now))
        if found is None:
            return _form(None, "", 404)
        wrong = _wrong(password, again)
        if wrong:
            return _form(found, wrong, 422)
        hashed = await desk.compute(lambda: hash_password(password))

        def accept(connection: Connection) -> tuple[StaffId, str] | None:
            staff_id = invitations.accept(connection, token, password_hash=hashed, now=now)
            return None if staff_id is None else (staff_id, begin_session(connection, staff_id, now))

        accepted = await desk.store(accept)
        if accepted is None:  # somebody was quicker with the same link
            return _form(None, "", 404)
        log.info("first sign-in", staff_id=accepted[0])
        response = RedirectResponse(HOME, status_code=303)
        set_cookies(response, accepted[1], secure=desk.settings.dashboard_https)
        return response

    return router


def _wrong(password: str, again: str) -> str:
    if not LEAST <= len(password) <= 200:
        return say("The password must have {n} to 200 characters.", n=LEAST)
    return "" if password == again else say("The two passwords are not the same.")


def _form(found: tuple[str, str] | None, problem: str, status: int) -> HTMLResponse:
    name, email = found or ("", "")
    html = TEMPLATES.get_template("first_sign_in.html").render(
        name=name, email=email, problem=problem, least=LEAST, say=say, language=LANGUAGE.get(),
        languages=LANGUAGES,
    )  # fmt: skip
    return HTMLResponse(html, status_code=status)
