"""Carrying deliveries out: claimed, sent, and marked; tried again with growing waits, then given up."""

import queue
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

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

PATIENCE_S = 60.0
"""How long a channel may take over one delivery before it counts as failed, whatever it does meanwhile."""

_AT_ONCE = 8
"""So many deliveries of one channel are on their way before no more of it are taken: the others go on."""
_LOOK_S = 0.2
_RETRY_S = 1.0
_LAST_S = 2.0
"""How long those on their way may take when we are asked to stop; the others are sent again later."""
_NO_ANSWER = Failure(why="does not answer")

_log = structlog.get_logger()


@dataclass(slots=True, kw_only=True, eq=False)
class _Flight:
    """A delivery on its way since then; `lost` once it has been waited for too long."""

    claimed: Claimed
    since: float
    lost: bool = False


class Postman:
    """Sends what is due, several at once, so that a slow channel holds nobody up."""

    def __init__(
        self,
        conninfo: str,
        channels: Mapping[str, Channel],
        attempts: Attempts,
        clock: Callable[[], datetime] = utc_now,
        stopwatch: Callable[[], float] = monotonic,
    ) -> None:
        self._conninfo = conninfo
        self._channels = channels
        self._attempts = attempts
        self._clock = clock
        self._stopwatch = stopwatch
        self._ended: queue.Queue[tuple[_Flight, Failure | None]] = queue.Queue()
        self._flights: list[_Flight] = []
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
            while self._settle(connection, 0):
                pass
            self._give_up(connection)
            self.take(connection)
            self._settle(connection, _LOOK_S)
        while self._waited_for() and self._settle(connection, _LAST_S):
            pass

    def take(self, connection: Connection) -> int:
        """Claim what is due, as much as its channels have room for, and send it on its way; how many."""
        flying = Counter(flight.claimed.channel for flight in self._waited_for())
        full = [channel for channel, many in flying.items() if many >= _AT_ONCE]
        with transaction(connection):
            claimed = deliveries.claim(
                connection,
                now=self._clock(),
                most=_AT_ONCE,
                lease=LEASE,
                longest_wait=self._attempts.longest_wait,
                full=full,
            )
        for one in claimed:
            flight = _Flight(claimed=one, since=self._stopwatch())
            self._flights.append(flight)
            refused = self._refusal(one)
            if refused is not None:
                self._ended.put((flight, refused))
            else:
                threading.Thread(target=self._fly, args=(flight,), name="delivery", daemon=True).start()
        return len(claimed)

    def _waited_for(self) -> list[_Flight]:
        return [flight for flight in self._flights if not flight.lost]

    def _refusal(self, claimed: Claimed) -> Failure | None:
        """Why it is not even tried: its senders died each time, or too many threads wait for its channel."""
        if claimed.attempts > self._attempts.most:
            return Failure(why="its sender ended before the channel answered", final=True)
        lost = sum(flight.lost and flight.claimed.channel == claimed.channel for flight in self._flights)
        return _NO_ANSWER if lost >= _AT_ONCE else None

    def _give_up(self, connection: Connection) -> None:
        """Mark as failed what has been on its way too long. Should it arrive after all, its key says so."""
        now = self._stopwatch()
        for flight in self._waited_for():
            if now - flight.since >= PATIENCE_S:
                self._mark(connection, flight.claimed, _NO_ANSWER)
                flight.lost = True

    def _fly(self, flight: _Flight) -> None:
        channel = self._channels.get(flight.claimed.channel)
        failure: Failure | None
        if channel is None:
            failure = Failure(why="no such channel is configured", final=True)
        else:
            try:
                failure = channel.send(_letter(flight.claimed))
            except Exception as error:  # noqa: BLE001  # whatever happens, the delivery must be settled
                failure = Failure(why=type(error).__name__)
        self._ended.put((flight, failure))

    def _settle(self, connection: Connection, patience_s: float) -> bool:
        """Mark what has ended, waiting for the first; whether anything had.

        What cannot be marked now, because the database is away, is marked when it is back.
        """
        try:
            ended = self._ended.get(block=patience_s > 0, timeout=patience_s)
        except queue.Empty:
            return False
        flight, failure = ended
        if not flight.lost:
            try:
                self._mark(connection, flight.claimed, failure)
            except StoreUnavailable:
                self._ended.put(ended)
                raise
        self._flights.remove(flight)
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
