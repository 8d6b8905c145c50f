"""The Dash application on our FastAPI: layout, callbacks, and nothing fetched from elsewhere."""

import structlog
from dash import Dash, dcc, html
from dash.development.base_component import Component
from fastapi import FastAPI

from dashboard.components import Charts, ChartsHead, Page, Patient, PatientAside, Shell, Worklist
from dashboard.desk import SIGNED_IN, Desk
from dashboard.gate import CSRF_COOKIE, CSRF_HEADER
from dashboard.pages import actions, patient, sections, worklist
from dashboard.static import ASSETS
from dashboard.views.wording import ROLES, initials
from dashboard.words import LANGUAGE, catalogue, say

log = structlog.get_logger()

_PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="color-scheme" content="light dark">
    <title>{%title%}</title>
    <link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
    <link rel="preload" href="/static/inter-latin.woff2" as="font" type="font/woff2" crossorigin>
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""

PAGES = (
    {"href": "/app/alerts", "name": "Alerts"},
    {"href": "/app/patients", "name": "Patients"},
    {"href": "/app/weekly", "name": "Weekly list"},
    {"href": "/app/quarantine", "name": "Quarantine"},
    {"href": "/app/devices", "name": "Devices"},
    {"href": "/app/rules", "name": "Rules"},
    {"href": "/app/reports", "name": "Reports"},
)


def dash_app(api: FastAPI, desk: Desk) -> Dash:
    """The application, mounted at /app/ with every callback registered."""
    app = Dash(
        __name__,
        server=api,  # pyright: ignore[reportArgumentType]  # a FastAPI since Dash 4.2
        url_base_pathname="/app/",
        assets_folder=str(ASSETS),
        assets_ignore=r"(sign_in|me).*",
        index_string=_PAGE,
        title="Hearthward",
        update_title=None,  # type: ignore[arg-type]  # None is documented: the title stays the patient's name
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        csrf_token_name=CSRF_COOKIE,
        csrf_header_name=CSRF_HEADER,
        serve_locally=True,
        compress=False,
        enable_mcp=False,
        on_error=_failed,
    )
    # No callback uses a websocket; told that there may be one, every page would try to open it.
    app.backend.websocket_capability = False
    app.layout = _layout
    worklist.register(app)
    patient.register(app, desk)
    actions.register(app, desk)
    sections.register(app, desk)
    return app


def _failed(error: Exception) -> None:
    """Log what a callback raised, which Dash would swallow; the page is told by its status 500."""
    log.error("callback failed", exc_info=error)
    raise error


def _layout() -> Component:
    """The one page. Which alert is open is in the address, and nowhere else."""
    return html.Div(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            # Changes that were told: any, one of the patient who is shown, any while another page is.
            dcc.Store(id="live"),
            dcc.Store(id="live-patient"),
            dcc.Store(id="live-page"),
            dcc.Store(id="acted"),
            Shell(id="shell", data=_shell_data()),
            Page(id="page"),
            html.Div(
                className="desk",
                children=[
                    Worklist(id="worklist", bulk=True),
                    html.Main(
                        id="main",
                        className="detail",
                        tabIndex=-1,
                        children=[
                            Patient(id="patient"),
                            html.Div(
                                className="detail-body",
                                children=[
                                    html.Div(
                                        className="charts-pane",
                                        children=[
                                            ChartsHead(id="charts-head", days=14, shown=False),
                                            Charts(id="charts-of"),
                                        ],
                                    ),
                                    PatientAside(id="aside"),
                                ],
                            ),
                        ],
                    ),
                ],
            ),
        ]
    )


def _shell_data() -> dict[str, object]:
    me = SIGNED_IN.get(None)
    person = {"id": "", "name": "", "initials": "", "role_word": ""}
    if me is not None:
        person = {
            "id": me.staff_id,
            "name": me.name,
            "initials": initials(me.name),
            "role_word": say(ROLES[me.role]),
        }
    language = LANGUAGE.get()
    wards = [{"id": ward_id, "name": name} for ward_id, name in me.wards] if me else []
    return {
        "person": person,
        "ward": me.ward_id if me else "",
        "wards": wards,
        "pages": list(PAGES),
        "language": language,
        "words": dict(catalogue(language)),
    }
