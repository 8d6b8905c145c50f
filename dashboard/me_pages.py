"""How the patient's pages are filled: the clinic's words, and what every page of theirs has."""

from fastapi.responses import HTMLResponse

from dashboard.sign_in import TEMPLATES
from dashboard.views.me import content


class Pages:
    """Renders a template in one language."""

    def __init__(self, emergency_number: str) -> None:
        self._emergency_number = emergency_number

    def __call__(self, template: str, language: str, status: int = 200, **more: object) -> HTMLResponse:
        """The page; `more` fills its own places."""
        said = content(language)
        html = TEMPLATES.get_template(template).render(
            content=said,
            p=said.page,
            lang="es" if said is content("es") else "en",
            emergency_number=self._emergency_number,
            **more,
        )
        return HTMLResponse(html, status_code=status)
