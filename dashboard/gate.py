"""The one gate in front of everything: who is asking, may they, did it come from our own page."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence, Set
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alerts.book import texts
from dashboard import book
from dashboard.access import Audience, known_path, rule_for
from dashboard.desk import PATIENT_HERE, SIGNED_IN, Desk
from dashboard.shared_reads import GatheredReads
from dashboard.words import LANGUAGE, catalogue
from store.portal import has_left, session_patient
from store.sessions import sessions_staff, touch_session
from store.staff import Staff

SESSION_COOKIE = "hearthward_session"
LANGUAGE_COOKIE = "hearthward_language"
PATIENT_COOKIE = "hearthward_me"
CSRF_COOKIE = "hearthward_csrf"
CSRF_HEADER = "x-csrftoken"

# What Dash asks by itself, on a live event or a timer, says nothing of whether a person is there.
_NOT_A_PERSON = frozenset(
    {
        ("GET", "/events"),
        ("GET", "/api/presence"),
        ("GET", "/api/reminders"),
        ("POST", "/api/worklist"),
        ("POST", "/app/_dash-update-component"),
        ("GET", "/app/_dash-layout"),
        ("GET", "/app/_dash-dependencies"),
    }
)
_SAFE = frozenset({"GET", "HEAD"})


def csrf_token(session_token: str) -> str:
    """The word that our own pages send back in a header: made from the session, worth nothing without it."""
    return hmac.new(session_token.encode(), b"hearthward csrf", hashlib.sha256).hexdigest()


def session_token(headers: Headers) -> str | None:
    """The session cookie of a member of staff; None where there is none."""
    return _cookie(headers, SESSION_COOKIE)


def patient_token(headers: Headers) -> str | None:
    """The session cookie of a patient; None where there is none."""
    return _cookie(headers, PATIENT_COOKIE)


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return morsel.value if morsel else None


def same_origin(headers: Headers) -> bool:
    """Whether the browser says that our own page sent this; a program that says nothing is let through.

    Such a program is no browser, so no stranger's page can drive it.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def security_headers(script_hashes: Sequence[str]) -> dict[str, str]:
    """The headers of every answer. Plotly and React place styles inline; scripts are ours or hashed."""
    policy = (
        "default-src 'none'",
        f"script-src 'self' {' '.join(script_hashes)}".strip(),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "cross-origin-opener-policy": "same-origin",
    }


class Gate:
    """Pure ASGI, outermost: no path behind it is reached except as the access table says."""

    def __init__(self, app: ASGIApp, desk: Desk, script_hashes: Sequence[str]) -> None:
        self._app = app
        self._desk = desk
        self._headers = security_headers(script_hashes)
        # After a live event everybody asks at once: one query answers them all, and nothing of it is kept.
        self._sessions = GatheredReads[str, Staff](self._who)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, send to sign in, or pass on with the person known."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, self._secured(send))
        else:
            # No page uses a websocket; Dash would answer one without asking who is there.
            await send({"type": "websocket.close", "code": 4403, "reason": "closed"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        book.use(self._desk.rulebook)
        path, method = scope["path"], scope["method"]
        headers = Headers(scope=scope)
        rule = rule_for(path, method)
        if rule is None:
            status = 405 if known_path(path) else 404
            await _refusal(headers, status, "There is nothing here.", path)(scope, receive, send)
            return
        if method not in _SAFE and not same_origin(headers):
            await _refusal(headers, 403, "This did not come from our own page.", path)(scope, receive, send)
            return
        if rule.audience is Audience.ANYONE:
            await self._app(scope, receive, send)
            return
        if rule.audience is Audience.PATIENT:
            await self._patient(scope, receive, send, headers)
            return
        token = session_token(headers)
        staff = await self._sessions.read(token) if token else None
        if token is None or staff is None:
            await self._to_sign_in(scope, headers)(scope, receive, send)
            return
        refused = _refused(method, headers, token, staff.role in rule.roles)
        if refused is not None:
            await refused(scope, receive, send)
            return
        if (method, path) not in _NOT_A_PERSON:
            await self._desk.store(lambda connection: touch_session(connection, token, self._desk.clock()))
        signed_in = SIGNED_IN.set(staff)
        language = LANGUAGE.set(texts.language_for(_cookie(headers, LANGUAGE_COOKIE) or texts.ENGLISH))
        try:
            await self._app(scope, receive, send)
        finally:
            LANGUAGE.reset(language)
            SIGNED_IN.reset(signed_in)

    async def _patient(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        """The patient's own page; its forms carry their own token, since they work without a script."""
        token = patient_token(headers)
        now = self._desk.clock()
        patient_id = (
            await self._desk.store(lambda connection: session_patient(connection, token, now))
            if token
            else None
        )
        if patient_id is None:
            left = token is not None and await self._desk.store(lambda c: has_left(c, token))
            where = _to_patients_sign_in(scope["path"], scope["method"], had_session=token is not None)
            where = "/me/sign-in?why=left" if left else where
            await RedirectResponse(where, status_code=303)(scope, receive, send)
            return
        here = PATIENT_HERE.set(patient_id)
        try:
            await self._app(scope, receive, send)
        finally:
            PATIENT_HERE.reset(here)

    async def _who(self, tokens: Set[str]) -> Mapping[str, Staff]:
        settings = self._desk.settings
        return await self._desk.ask(
            lambda connection: sessions_staff(
                connection, tokens, self._desk.clock(), idle=settings.idle, absolute=settings.absolute
            ),
            dict[str, Staff],
        )

    def _to_sign_in(self, scope: Scope, headers: Headers) -> Response:
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            wanted = scope["path"] + (f"?{query}" if query else "")
            return RedirectResponse(f"/sign-in?next={quote(wanted, safe='/')}", status_code=303)
        return _refusal(headers, 401, "Sign in first.")

    def _secured(self, send: Send) -> Callable[[Message], Awaitable[None]]:
        async def secured(message: MutableMapping[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        return secured


def _to_patients_sign_in(path: str, method: str, *, had_session: bool) -> str:
    """Where a patient without a session goes, who is told what became of what they sent."""
    if not had_session:
        return "/me/sign-in"
    if path == "/me/sign-out":
        return "/me/sign-in?why=signed_out"
    return f"/me/sign-in?why={'ended' if method in _SAFE else 'not_saved'}"


def _refused(method: str, headers: Headers, token: str, role_allowed: bool) -> Response | None:
    if method not in _SAFE and not hmac.compare_digest(headers.get(CSRF_HEADER, ""), csrf_token(token)):
        return _refusal(headers, 403, f"The header {CSRF_HEADER} is missing or wrong.")
    if not role_allowed:
        return _refusal(headers, 403, "Your role does not allow this.")
    return None


def _refusal(headers: Headers, status: int, sentence: str, path: str = "") -> Response:
    """As JSON, or for a person as a page with a way back: to the alerts, or to a patient's own page."""
    if "text/html" not in headers.get("accept", ""):
        return JSONResponse({"error": sentence}, status_code=status)
    language = texts.language_for(headers.get("accept-language", texts.ENGLISH))
    words = catalogue(language)
    of_patient = path == "/me" or path.startswith("/me/")
    back = "Back to your page" if of_patient else "Back to the alerts"
    way, style = ("/me", "me.css") if of_patient else ("/app/alerts", "sign_in.css")
    page = (
        f"<!doctype html><html lang={language}><meta charset=utf-8>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{status} · Hearthward</title><link rel=stylesheet href=/static/{style}>"
        f"<main class=wrap><h1>{words.get(sentence, sentence)}</h1>"
        f"<p><a href={way}>{words.get(back, back)}</a></p></main></html>"
    )
    return Response(page, status_code=status, media_type="text/html")
