"""The notifier: a process of its own, so that no slow mail server and no library ever holds up a rule."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from alerts.book.rulebook import in_force
from alerts.clinic import patient_words
from alerts.notify import channels as channel_file
from alerts.notify import policy as policy_file
from alerts.notify.channels import AppriseSpec, Channel, WebhookSpec
from alerts.notify.deliver import Postman
from alerts.notify.patients import PatientOffice, tell_patients
from alerts.notify.policy import Policy
from alerts.notify.rounds import Office, note_staffing, round_of
from alerts.notify.settings import NotifySettings
from alerts.notify.wording import NO_CHANNEL, NO_CONTACT
from runtime import logs
from runtime.clock import utc_now
from runtime.ready import say_ready
from runtime.stop import stop_on_signals
from store import contacts, deliveries, heartbeats
from store.channels import WARD_CHANGED
from store.connection import Connection, connect, listen
from store.errors import StoreUnavailable

PROCESS = "notify"
BEAT_EVERY = timedelta(seconds=5)
_TELL_EVERY = timedelta(seconds=1)
"""How often patients are looked after: a minute is nothing to them, and a busy ward wakes us all the time."""
_AT_MOST_EVERY = timedelta(milliseconds=100)
_HANGS_FOR = timedelta(seconds=20)
"""A notifier that stops in the middle of a decision is cut off after it: its alert waits no longer."""
_RETRY_S = (0.5, 1.0, 2.0, 5.0)

_log = structlog.get_logger()


def run(settings: NotifySettings) -> None:
    """Notify until asked to stop by SIGTERM or SIGINT. Raises BrokenPolicy and BrokenWords before any
    work."""
    logs.configure(PROCESS, settings.log_format)
    Notifier(settings).run(stop_on_signals())


def open_channels(
    specs: Mapping[str, AppriseSpec | WebhookSpec], clock: Callable[[], datetime] = utc_now
) -> dict[str, Channel]:
    """The channels of the file, ready to send. What they need is loaded only where they are used."""
    opened: dict[str, Channel] = {}
    for name, spec in specs.items():
        if isinstance(spec, WebhookSpec):
            from alerts.notify.webhook import Webhook

            opened[name] = Webhook(spec, clock)
        else:
            from alerts.notify.messenger import Messenger

            opened[name] = Messenger(spec)
    return opened


class Notifier:
    """One notifier: it decides, and its postman sends. Any number of them may work on one database."""

    def __init__(self, settings: NotifySettings, clock: Callable[[], datetime] = utc_now) -> None:
        self._settings = settings
        self._clock = clock
        self._policy: Policy = policy_file.load(settings.notify_policy_file)
        self._channels = open_channels(channel_file.load(settings.notify_channels_file), clock)
        self._office = Office(
            policy=self._policy, channels=frozenset(self._channels), hub_url=settings.notify_hub_url
        )
        self._patient_office = PatientOffice(
            policy=self._policy,
            channels=frozenset(self._channels),
            hub_url=settings.notify_patient_url or settings.notify_hub_url,
            words=patient_words.load(settings.patient_content, in_force(settings.alerts_programmes)),
        )
        self._postman = Postman(settings.conninfo(), self._channels, self._policy.attempts, clock)
        self._beat_at: datetime | None = None
        self._turned_at: datetime | None = None
        self._told_at: datetime | None = None
        self._idle: str | None = None
        self._said: str | None = None

    def run(self, stopping: threading.Event) -> None:
        """Work until `stopping` is set; a database that goes away is waited for."""
        postman = threading.Thread(target=self._postman.run, args=(stopping,), name="postman")
        postman.start()
        failures = 0
        while not stopping.is_set():
            try:
                self._serve(stopping)
            except StoreUnavailable as error:
                wait = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
                _log.warning("database unavailable", retry_in_s=wait, why=str(error))
                stopping.wait(wait)
                failures += 1
            else:
                failures = 0
        postman.join()
        _log.info("notify stopped")

    def _serve(self, stopping: threading.Event) -> None:
        conninfo = self._settings.conninfo()
        with (
            connect(conninfo, application=PROCESS, idle_in_transaction=_HANGS_FOR) as connection,
            connect(conninfo, application=f"{PROCESS}-listen", statement_timeout=None) as listener,
        ):
            _log.info("notify ready", channels=len(self._channels))
            say_ready()
            self._turn(connection)
            for _ in listen(listener, WARD_CHANGED, tick=self._settings.tick):
                if stopping.is_set():
                    return
                # A busy ward's every observation wakes us; alerts are looked at ten times a second at most.
                if self._turned_at is None or abs(self._clock() - self._turned_at) >= _AT_MOST_EVERY:
                    self._turn(connection)

    def _turn(self, connection: Connection) -> None:
        self._turned_at = now = self._clock()
        if self._beat_at is None or abs(now - self._beat_at) >= BEAT_EVERY:
            self._idle = self._why_idle(connection)
            heartbeats.beat(connection, PROCESS, detail=self._state(connection))
            self._beat_at = now
            note_staffing(connection, self._office, now, works=self._idle is None)
        round_of(connection, self._office, now)
        if self._channels and (self._told_at is None or abs(now - self._told_at) >= _TELL_EVERY):
            tell_patients(connection, self._patient_office, now)
            self._told_at = now

    def _why_idle(self, connection: Connection) -> str | None:
        """Why nobody can be told of anything: then the ladder climbs on the wards' screens alone."""
        if not self._channels:
            return NO_CHANNEL
        if not contacts.channels_used(connection) & self._channels.keys():
            return NO_CONTACT
        return None

    def _state(self, connection: Connection) -> str:
        """What the heartbeat says of us; a change for the worse is logged once."""
        failing = [
            f"channel {trouble.channel} fails since {trouble.failing_since:%Y-%m-%d %H:%M} UTC: {trouble.why}"
            for trouble in deliveries.troubles(connection)
        ]
        trouble = self._idle or "; ".join(failing)
        if trouble and trouble != self._said:
            _log.warning("notifying is in trouble", why=trouble)
        self._said = trouble
        return trouble or f"{self._postman.sent} delivered"
