"""How the patient's pages are filled: the clinic's words, and what every page of theirs has."""

from fastapi import Request
from fastapi.responses import HTMLResponse

from alerts.book import texts
from dashboard.patient_words import Content, PatientWords
from dashboard.sign_in import TEMPLATES


class Pages:
    """Renders a template in one language."""

    def __init__(self, words: PatientWords, emergency_number: str) -> None:
        self._words = words
        self._emergency_number = emergency_number

    def said(self, language: str) -> Content:
        """The clinic's words for a reader of this language."""
        return self._words.of(language)

    def asked_language(self, request: Request, chosen: str) -> str:
        """What somebody whom we do not know yet reads: what they chose, or else their browser's first."""
        first = request.headers.get("accept-language", texts.ENGLISH).split(",")[0].split(";")[0]
        return self._words.language_for(chosen or first.strip())

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
