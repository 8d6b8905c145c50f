"""The dashboard's process: the gate, then one FastAPI with pages, API and live events."""

from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from alerts.book.rulebook import in_force
from alerts.clinic import patient_words
from dashboard.api.alerts import alert_routes
from dashboard.api.assignments import assignment_routes
from dashboard.api.equipment import equipment_routes
from dashboard.api.patients import limit_routes, patient_routes
from dashboard.api.pauses import pause_routes
from dashboard.api.reminders import reminder_routes
from dashboard.api.rules import rules_routes
from dashboard.api.taken_back import taken_back_routes
from dashboard.api.wards import ward_routes
from dashboard.api.weekly import weekly_routes
from dashboard.api.worklist import worklist_routes
from dashboard.desk import Desk
from dashboard.events import Fanout, event_routes
from dashboard.first_sign_in import first_sign_in_routes
from dashboard.gate import Gate
from dashboard.me import patient_page_routes
from dashboard.me_pages import Pages
from dashboard.me_sign_in import patient_sign_in_routes
from dashboard.me_typed_in import typed_in_routes
from dashboard.pages.app import dash_app
from dashboard.settings import DashboardSettings
from dashboard.sign_in import sign_in_routes
from dashboard.static import StaticFiles
from runtime import logs
from runtime.clock import utc_now
from store import heartbeats
from store.connection import pool
from store.errors import StoreUnavailable

log = structlog.get_logger()


def run(settings: DashboardSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    logs.configure("dashboard", settings.log_format)
    config = uvicorn.Config(
        build(settings),
        host=settings.dashboard_host,
        port=settings.dashboard_port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=3,
        # Nurses pause for longer than uvicorn's five seconds: closing then would meet their next question.
        timeout_keep_alive=75,
    )
    log.info("dashboard listens", host=settings.dashboard_host, port=settings.dashboard_port)
    uvicorn.Server(config).run()


def build(settings: DashboardSettings, clock: Callable[[], datetime] = utc_now) -> ASGIApp:
    """The whole application, gate outermost. It opens its connections at once and closes them at its end.

    Raises BrokenRulebook and BrokenWords before that, with every mistake in the rules or the words.
    """
    rulebook = in_force(settings.alerts_programmes)
    words = patient_words.load(settings.patient_content, rulebook)
    desk = Desk(
        settings=settings,
        pool=pool(
            settings.conninfo(),
            application="dashboard",
            max_size=settings.dashboard_threads,
            timeout=timedelta(seconds=5),
        ),
        threads=ThreadPoolExecutor(settings.dashboard_threads, thread_name_prefix="store"),
        clock=clock,
        rulebook=rulebook,
    )
    fanout = Fanout(desk)

    @asynccontextmanager
    async def life(_api: FastAPI) -> AsyncGenerator[None]:
        async with fanout:
            warming = desk.threads.submit(files.warm)
            yield
            warming.cancel()
        desk.pool.close()
        desk.threads.shutdown(wait=False, cancel_futures=True)

    api = FastAPI(title="Hearthward", openapi_url=None, docs_url=None, redoc_url=None, lifespan=life)
    api.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    api.include_router(sign_in_routes(desk))
    api.include_router(first_sign_in_routes(desk))
    api.include_router(event_routes(desk, fanout))
    patient_pages = Pages(words, settings.dashboard_emergency_number)
    api.include_router(patient_page_routes(desk, patient_pages))
    api.include_router(typed_in_routes(desk, patient_pages))
    api.include_router(patient_sign_in_routes(desk, patient_pages))
    api.include_router(worklist_routes(desk))
    api.include_router(alert_routes(desk))
    api.include_router(limit_routes(desk))
    api.include_router(taken_back_routes(desk))  # before the readings' other deeds, whose path is as long
    api.include_router(patient_routes(desk))
    api.include_router(pause_routes(desk))
    api.include_router(equipment_routes(desk))
    api.include_router(assignment_routes(desk))
    api.include_router(weekly_routes(desk))
    api.include_router(rules_routes(desk))
    api.include_router(ward_routes(desk))
    api.include_router(reminder_routes(desk))
    _health(api, desk)
    pages = dash_app(api, desk)
    # Dash would do this on the first page; the static files and the hashes need what it registers.
    pages._setup_server()  # pyright: ignore[reportPrivateUsage]
    files = StaticFiles(api, desk, {name: list(paths) for name, paths in pages.registered_paths.items()})
    return Gate(files, desk, pages.csp_hashes())


def _health(api: FastAPI, desk: Desk) -> None:
    @api.get("/healthz", include_in_schema=False)
    async def healthz() -> JSONResponse:
        try:
            await desk.store(heartbeats.every)
        except StoreUnavailable:
            return JSONResponse({"database": "unreachable"}, status_code=503)
        return JSONResponse({"database": "ok"})
