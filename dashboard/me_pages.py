"""How the patient's pages are filled: the clinic's words, and what every page of theirs has."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from alerts.book import texts
from alerts.clinic.patient_words import Content, PatientWords
from alerts.clinic.service_hours import looking
from dashboard.gate import csrf_token, patient_token
from dashboard.sign_in import TEMPLATES
from dashboard.views.me import looking_words, nobody_words
from store import patients
from store.connection import Connection
from store.patients import CareTeamMember
from store.population import PatientFile, own_file, ward_of
from vitals.ids import PatientId

LANGUAGE_COOKIE = "hearthward_me_language"
_YEAR_S = 365 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Whose page it is, and who is around them."""

    file: PatientFile
    team: list[CareTeamMember]
    ward: str
    ward_zone: ZoneInfo

    @property
    def zone(self) -> ZoneInfo:
        """The patient's own."""
        return ZoneInfo(self.file.time_zone)

    @property
    def nurse(self) -> CareTeamMember | None:
        """Whom the patient calls: the nurse of their care team, if one has a telephone."""
        return next((one for one in self.team if one.phone and "nurse" in one.role.lower()), None)


def around(connection: Connection, patient_id: PatientId, now: datetime) -> Around | None:
    """Who is around the patient; None where there is no such patient."""
    file = own_file(connection, patient_id, now)
    if file is None:
        return None
    ward, ward_zone = ward_of(connection, patient_id)
    return Around(
        file=file,
        team=patients.care_team(connection, patient_id),
        ward=ward,
        ward_zone=ZoneInfo(ward_zone),
    )


class Pages:
    """Renders a template in one language."""

    def __init__(self, words: PatientWords, emergency_number: str) -> None:
        self._words = words
        self._emergency_number = emergency_number

    def said(self, language: str) -> Content:
        """The clinic's words for a reader of this language."""
        return self._words.of(language)

    def asked_language(self, request: Request, chosen: str = "") -> str:
        """What somebody whom we do not know yet reads: what they chose, now or before, or their browser's."""
        before = request.cookies.get(LANGUAGE_COOKIE, "")
        first = request.headers.get("accept-language", texts.ENGLISH).split(",")[0].split(";")[0]
        return self._words.language_for(chosen or before or first.strip())

    def known_language(self, language: str) -> str:
        """The language in which a reader of this one is answered."""
        return self._words.language_for(language)

    def other_language(self, language: str) -> str | None:
        """The language that the sign-in page offers instead; None where there is only one."""
        return next((one for one in self._words.by_language if one != language), None)

    def __call__(self, template: str, language: str, status: int = 200, **more: object) -> HTMLResponse:
        """The page; `more` fills its own places."""
        said = self.said(language)
        html = TEMPLATES.get_template(template).render(
            content=said,
            p=said.page,
            lang=self._words.language_for(language),
            emergency_number=self._emergency_number,
            **more,
        )
        return HTMLResponse(html, status_code=status)

    def of_patient(
        self,
        template: str,
        request: Request,
        facts: Around,
        now: datetime,
        *,
        status: int = 200,
        **more: object,
    ) -> HTMLResponse:
        """A page of somebody who is signed in: with who looks at their readings, when, and whom to call."""
        said = self.said(facts.file.language)
        watch = looking(said.watch.hours, said.watch.closed_on, facts.ward_zone, now)
        told = bool(said.watch.hours)
        return self(
            template, facts.file.language, status, ward=facts.ward, nurse=facts.nurse,
            nobody=nobody_words(watch, facts.zone, facts.file.language, said) if told else None,
            looking=looking_words(watch, facts.zone, said) if told else None,
            token=form_token(request), **more,
        )  # fmt: skip

    def note(self, request: Request, words: str, status: int) -> HTMLResponse:
        """A page that only says one thing, and leads back to the patient's own."""
        said = self.said(self.asked_language(request))
        return self(
            "me_note.html", self.asked_language(request), status, title=said.page["problem"],
            note=said.page[words],
        )  # fmt: skip


def remember_language(response: Response, language: str, *, https: bool) -> None:
    """So that what comes before the next sign-in speaks it, too."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, httponly=True, samesite="lax", secure=https, path="/me", max_age=_YEAR_S
    )


async def sent_form(request: Request) -> tuple[dict[str, str], bool]:
    """What was sent, and whether it came from our own page."""
    form = {key: value for key, value in (await request.form()).items() if isinstance(value, str)}
    return form, hmac.compare_digest(form.get("token", "").encode(), form_token(request).encode())


def form_token(request: Request) -> str:
    """What the forms of a signed-in patient carry."""
    return csrf_token(patient_token(request.headers) or "")
