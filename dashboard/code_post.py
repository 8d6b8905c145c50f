"""Sends patients their sign-in codes by the ways that they have, while nobody waits for it."""

import asyncio
from datetime import datetime, timedelta

import structlog

from alerts.notify import channels
from alerts.notify.channels import AppriseSpec, Letter
from alerts.notify.messenger import Messenger
from dashboard.desk import Desk
from dashboard.me_pages import Pages
from store import patient_contacts, portal
from store.connection import Connection
from store.patient_contacts import Way
from store.portal import Known

CODE_LASTS = timedelta(minutes=15)
_MOST_AT_ONCE = 32

log = structlog.get_logger()


class CodePost:
    """What one process sends. Whoever asks for a code learns nothing of it, not even by waiting."""

    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk = desk
        self._pages = pages
        specs = channels.load(desk.settings.notify_channels_file)
        self._messengers = {
            name: Messenger(spec) for name, spec in specs.items() if isinstance(spec, AppriseSpec)
        }
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, who: str) -> None:
        """Send a new code to whom we know by this link or record number, some time soon."""
        if len(self._sending) >= _MOST_AT_ONCE:
            log.warning("sign-in codes are asked for too fast", at_once=len(self._sending))
            return
        task = asyncio.create_task(self._send(who))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, who: str) -> None:
        now = self._desk.clock()
        try:
            made = await self._desk.store(lambda connection: self._make(connection, who, now))
            if made is not None:
                await self._desk.compute(lambda: self._deliver(*made, now))
        except Exception:  # nobody waits for this task: what went wrong must be said here
            log.error("a sign-in code could not be sent", exc_info=True)

    def _make(self, connection: Connection, who: str, now: datetime) -> tuple[Known, list[Way], str] | None:
        found = portal.known(connection, who)
        if found is None:
            return None
        ways = [
            way
            for way in patient_contacts.ways_to(connection, found.patient_id)
            if way.channel in self._messengers
        ]
        if not ways:
            log.warning("a code was asked for, and no channel leads to them", patient_id=found.patient_id)
            return None
        code = portal.new_code(connection, found.patient_id, now, lasts=CODE_LASTS)
        return None if code is None else (found, ways, code)

    def _deliver(self, found: Known, ways: list[Way], code: str, now: datetime) -> None:
        """Send by the first way that works."""
        letters = self._pages.said(found.language).letters
        minutes = int(CODE_LASTS.total_seconds() // 60)
        for way in ways:
            letter = Letter(
                key=f"code-{now.timestamp():.6f}",
                alert_id=None,
                address=way.address,
                reason="sign_in_code",
                subject=letters.code_subject,
                body=letters.code.format(code=code, minutes=minutes),
                made_at=int(now.timestamp()),
            )
            failure = self._messengers[way.channel].send(letter)
            if failure is None:
                log.info("code sent", patient_id=found.patient_id, channel=way.channel)
                return
            log.warning("code not sent", patient_id=found.patient_id, channel=way.channel, why=failure.why)
