"""How a patient gets to their own page: a code that is sent to them, or that a nurse reads out."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from alerts.notify import channels
from alerts.notify.channels import AppriseSpec, Letter
from alerts.notify.messenger import Messenger
from dashboard.attempts import Attempts
from dashboard.desk import Desk
from dashboard.gate import PATIENT_COOKIE, patient_token
from dashboard.me_pages import Pages
from dashboard.views.me import content
from store import portal
from store.connection import Connection

log = structlog.get_logger()

CODE_LASTS = timedelta(minutes=15)
_ANOTHER_AFTER = timedelta(seconds=30)


def patient_sign_in_routes(desk: Desk) -> APIRouter:
    """The routes /me/sign-in, /me/code and /me/sign-out."""
    router = APIRouter(prefix="/me")
    post = _CodePost(desk)
    attempts = Attempts()
    page = Pages(desk.settings.dashboard_emergency_number)

    @router.get("/sign-in", include_in_schema=False)
    async def who(who: str = "") -> Response:
        return page("me_sign_in.html", "en", title=content("en").page["welcome"], step="who", who=who[:60])

    @router.post("/code", include_in_schema=False)
    async def code(who: Annotated[str, Form(max_length=60)] = "") -> Response:
        said = content("en")
        if not who.strip():
            return page(
                "me_sign_in.html", "en", 422, title=said.page["welcome"], step="who", who="",
                problems=[("who", said.page["no_record"])],
            )  # fmt: skip
        await post.send(who)
        return page("me_sign_in.html", "en", title=said.page["type_code"], step="code", who=who)

    @router.post("/sign-in", include_in_schema=False)
    async def sign_in(
        request: Request,
        who: Annotated[str, Form(max_length=60)] = "",
        code: Annotated[str, Form(max_length=12)] = "",
    ) -> Response:
        now, said = desk.clock(), content("en")
        address = request.client.host if request.client else ""
        token = None
        if attempts.wait(who, address, now) is None:
            digits = "".join(one for one in code if one.isdigit())
            token = await desk.store(lambda connection: _begin(connection, who, digits, now))
        if token is None:
            attempts.failed(who, address, now)
            return page(
                "me_sign_in.html", "en", 401, title=said.page["type_code"], step="code", who=who,
                problems=[("code", said.page["wrong_code"])],
            )  # fmt: skip
        response = RedirectResponse("/me", status_code=303)
        response.set_cookie(
            PATIENT_COOKIE, token, httponly=True, samesite="lax", secure=desk.settings.dashboard_https,
            path="/me", max_age=int(portal.SESSION.total_seconds()),
        )  # fmt: skip
        return response

    @router.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        token = patient_token(request.headers) or ""
        await desk.store(lambda connection: portal.end_patient_session(connection, token))
        response = RedirectResponse("/me/sign-in", status_code=303)
        response.delete_cookie(PATIENT_COOKIE, path="/me")
        return response

    return router


def _begin(connection: Connection, who: str, code: str, now: datetime) -> str | None:
    """A session's token where the code is right; None else."""
    found = portal.reach(connection, who)
    # An unknown person costs a comparison too, so that neither can be told apart.
    if found is None:
        secrets.compare_digest(code, "000000")
        return None
    if not portal.try_code(connection, found.patient_id, code, now):
        return None
    return portal.begin_patient_session(connection, found.patient_id, now)


class _CodePost:
    """Sends codes by the channels that the ward has: mail first, then text message."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        specs = channels.load(desk.settings.notify_channels_file)
        self._messengers = {
            name: Messenger(spec) for name, spec in specs.items() if isinstance(spec, AppriseSpec)
        }

    async def send(self, who: str) -> None:
        """Send a new code, unless one was just sent. Nothing tells the asker whether we know them."""
        now = self._desk.clock()

        def make(connection: Connection) -> tuple[portal.Reach, str] | None:
            found = portal.reach(connection, who)
            if found is None or not (set(self._messengers) & {"mail", "sms"}):
                return None
            before = portal.code_made_at(connection, found.patient_id)
            if before is not None and now - before < _ANOTHER_AFTER:
                return None
            return found, portal.new_code(connection, found.patient_id, now, lasts=CODE_LASTS)

        made = await self._desk.store(make)
        if made is not None:
            found, code = made
            await self._desk.compute(lambda: self._deliver(found, code, now))

    def _deliver(self, found: portal.Reach, code: str, now: datetime) -> None:
        for name, address in (("mail", found.email), ("sms", found.phone)):
            messenger = self._messengers.get(name)
            if messenger is None or not address:
                continue
            letter = Letter(
                key=f"code-{found.patient_id}-{now.timestamp():.0f}", alert_id=0, address=address,
                reason="sign_in_code", subject="Your code",
                body=f"Your code is {code}. It works for 15 minutes. Never tell it to anybody.",
                made_at=int(now.timestamp()),
            )  # fmt: skip
            failure = messenger.send(letter)
            log.info(
                "code sent" if failure is None else "code not sent", patient_id=found.patient_id, channel=name
            )
            if failure is None:
                return
