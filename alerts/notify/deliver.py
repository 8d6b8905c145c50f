"""Carrying deliveries out: claimed, sent, and marked; tried again with growing waits, then given up."""

import queue
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from alerts.notify.channels import Channel, Failure, Letter
from alerts.notify.policy import Attempts
from runtime.clock import utc_now
from store import deliveries
from store.connection import Connection, connect, transaction
from store.deliveries import Claimed
from store.errors import StoreUnavailable

LEASE = timedelta(seconds=90)
"""Longer than any channel's time-out: a delivery whose sender died is taken up again after it."""

_AT_ONCE = 8
_LOOK_S = 0.2
_RETRY_S = 1.0
_LAST_S = 2.0
"""How long those on their way may take when we are asked to stop; the others are sent again later."""

_log = structlog.get_logger()


class Postman:
    """Sends what is due, several at once, so that a slow channel holds nobody up."""

    def __init__(
        self,
        conninfo: str,
        channels: Mapping[str, Channel],
        attempts: Attempts,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._conninfo = conninfo
        self._channels = channels
        self._attempts = attempts
        self._clock = clock
        self._ended: queue.Queue[tuple[Claimed, Failure | None]] = queue.Queue()
        self._flying = 0
        self.sent = 0

    def run(self, stopping: threading.Event) -> None:
        """Send until `stopping` is set; a database that goes away is waited for."""
        while not stopping.is_set():
            try:
                with connect(self._conninfo, application="notify-send") as connection:
                    self._serve(connection, stopping)
            except StoreUnavailable as error:
                _log.warning("database unavailable", retry_in_s=_RETRY_S, why=str(error))
                stopping.wait(_RETRY_S)

    def _serve(self, connection: Connection, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self.take(connection)
            self._settle(connection, _LOOK_S)
        while self._flying and self._settle(connection, _LAST_S):
            pass

    def take(self, connection: Connection) -> int:
        """Claim what is due, as much as there is room for, and send it on its way; how many."""
        room = _AT_ONCE - self._flying
        if room <= 0:
            return 0
        with transaction(connection):
            claimed = deliveries.claim(connection, now=self._clock(), most=room, lease=LEASE)
        for one in claimed:
            self._flying += 1
            threading.Thread(target=self._fly, args=(one,), name="delivery", daemon=True).start()
        return len(claimed)

    def _fly(self, claimed: Claimed) -> None:
        channel = self._channels.get(claimed.channel)
        failure: Failure | None
        if channel is None:
            failure = Failure(why="no such channel is configured", final=True)
        else:
            try:
                failure = channel.send(_letter(claimed))
            except Exception as error:  # noqa: BLE001  # whatever happens, the delivery must be settled
                failure = Failure(why=type(error).__name__)
        self._ended.put((claimed, failure))

    def _settle(self, connection: Connection, patience_s: float) -> bool:
        """Mark what has ended, waiting for the first; whether anything had."""
        try:
            claimed, failure = self._ended.get(timeout=patience_s)
        except queue.Empty:
            return False
        self._flying -= 1
        self._mark(connection, claimed, failure)
        return True

    def _mark(self, connection: Connection, claimed: Claimed, failure: Failure | None) -> None:
        now = self._clock()
        next_try_at = self._next_try(claimed, failure, now) if failure is not None else None
        with transaction(connection):
            if failure is None:
                deliveries.sent(connection, claimed, now)
                self.sent += 1
            else:
                deliveries.failed(connection, claimed, failure.why, next_try_at=next_try_at, now=now)
        facts = {
            **({"alert_id": claimed.alert_id} if claimed.ask_id is None else {"ask_id": claimed.ask_id}),
            "delivery_id": claimed.delivery_id,
            "channel": claimed.channel,
            "attempt": claimed.attempts,
        }
        if failure is None:
            _log.info("delivered", reason=claimed.reason, **facts)
        elif next_try_at is not None:
            _log.warning("delivery failed", why=failure.why, **facts)
        else:
            _log.error("delivery given up", why=failure.why, **facts)

    def _next_try(self, claimed: Claimed, failure: Failure, now: datetime) -> datetime | None:
        wait = None if failure.final else self._attempts.wait(claimed.attempts)
        return None if wait is None else now + wait


def _letter(claimed: Claimed) -> Letter:
    return Letter(
        key=claimed.key,
        alert_id=claimed.alert_id,
        address=claimed.address,
        reason=claimed.reason,
        subject=claimed.subject,
        body=claimed.body,
        made_at=int(claimed.made_at.timestamp()),
    )
