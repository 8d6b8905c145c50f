"""Which readings go to the hub next, and when again: pure, in seconds of a clock that never jumps."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from wire.backoff import full_jitter_s

# Messages that may wait for the hub at once: with ten thousand homes this bounds the broker's memory.
WINDOW = 20
# The last places of the window take new readings only, so that a backlog never delays a live one.
LIVE_LANE = 2
BATCH = 100
# How long the hub may take before a message is sent again; a lost Ack costs this much.
ACK_WAIT_S = 5.0
RESEND_CAP_S = 300.0
UNDELIVERED_CAP_S = 60.0


@dataclass(slots=True)
class _Sent:
    rows: set[int]
    sent_s: float
    due_s: float


class Dispatch:
    """Newest first, at most a window of messages at once, each row again and again until it is answered.

    A row that keeps failing travels in ever smaller batches, so that one bad reading ends up alone. After two
    connections on which nothing came through, one reading at a time goes, until something does.
    """

    def __init__(self, rows: Iterable[int], *, chance: Random) -> None:
        self._ready = sorted(rows)
        self._chance = chance
        self._connected = False
        self._sent: dict[int, _Sent] = {}
        self._message_of: dict[int, int] = {}
        self._resting: dict[int, float] = {}
        self._failures: dict[int, int] = {}
        self._next_message = 1
        self._highest = self._ready[-1] if self._ready else 0
        self._window = WINDOW
        self._batch = BATCH
        self._fruitless = 0
        self._progress = False

    def added(self, row: int) -> None:
        """A reading was stored; that it is known already changes nothing."""
        place = bisect_left(self._ready, row)
        in_ready = place < len(self._ready) and self._ready[place] == row
        if not in_ready and row not in self._message_of and row not in self._resting:
            self._ready.insert(place, row)

    def connected(self) -> None:
        """Messages can be sent from now on."""
        self._connected = True
        self._progress = False
        # What was stored meanwhile is backlog; live is what comes from now on.
        self._highest = max(self._highest, self._ready[-1] if self._ready else 0)

    def disconnected(self) -> None:
        """The connection is over; whatever the hub did not acknowledge goes again on the next one."""
        if self._connected and self._sent and not self._progress:
            self._fruitless += 1
        if self._fruitless >= 2:
            self._window = self._batch = 1
        self._connected = False
        for message in list(self._sent):
            self._fail(message)

    def pick(self, now_s: float) -> list[int]:
        """The rows of the next message, newest first; empty where nothing may be sent now.

        What is picked must be given to `sent`, `put_back` or `gone`.
        """
        self._wake(now_s)
        if not self._connected or not self._ready:
            return []
        places = self._window - len(self._sent)
        newest = self._ready[-1]
        live = newest > self._highest
        if places <= 0 or (self._window > LIVE_LANE and places <= LIVE_LANE and not live):
            return []
        size = min(self._batch, self._size_for(newest))
        picked: list[int] = []
        while self._ready and len(picked) < min(size, self._size_for(self._ready[-1])):
            if live and self._ready[-1] <= self._highest:
                break
            picked.append(self._ready.pop())
        return picked

    def put_back(self, rows: Iterable[int]) -> None:
        """These were picked and are not sent for now."""
        for row in rows:
            insort(self._ready, row)

    def sent(self, rows: Iterable[int], now_s: float) -> int:
        """These travel as one message; its number."""
        message = self._next_message
        self._next_message += 1
        travelling = set(rows)
        failures = max((self._failures.get(row, 0) for row in travelling), default=0)
        wait_s = ACK_WAIT_S + full_jitter_s(failures, self._chance, cap_s=RESEND_CAP_S)
        self._sent[message] = _Sent(rows=travelling, sent_s=now_s, due_s=now_s + wait_s)
        self._message_of.update(dict.fromkeys(travelling, message))
        self._highest = max(self._highest, *travelling)
        return message

    def undelivered(self, message: int, now_s: float) -> None:
        """The broker refused the message, or had nobody to give it to."""
        travelling = self._sent.get(message)
        if travelling is None:
            return
        rows = self._fail(message)
        failures = max(self._failures[row] for row in rows)
        rest_s = full_jitter_s(failures, self._chance, cap_s=UNDELIVERED_CAP_S)
        for row in rows:
            self._take_out(row)
            self._resting[row] = now_s + rest_s

    def gone(self, rows: Iterable[int]) -> None:
        """These are not ours to send any more."""
        for row in rows:
            self._failures.pop(row, None)
            self._resting.pop(row, None)
            message = self._message_of.pop(row, None)
            if message is None:
                self._take_out(row)
                continue
            self._sent[message].rows.discard(row)
            if not self._sent[message].rows:
                del self._sent[message]

    def answered(self, rows: Iterable[int], now_s: float) -> None:
        """The hub has these, or refused them for good."""
        rows = list(rows)
        messages = {self._message_of[row] for row in rows if row in self._message_of}
        sent_s = min((self._sent[message].sent_s for message in messages), default=now_s)
        self.gone(rows)
        self._speed_up(sent_s, now_s)

    def wake_s(self) -> float | None:
        """When `pick` may have something that it has not now, if nothing else happens; None for never."""
        if not self._connected:
            return None
        due = [travelling.due_s for travelling in self._sent.values()]
        return min((*due, *self._resting.values()), default=None)

    def _speed_up(self, sent_s: float, now_s: float) -> None:
        self._progress = True
        self._fruitless = 0
        self._window = min(WINDOW, self._window * 2)
        self._batch = min(BATCH, self._batch * 4)
        for travelling in self._sent.values():
            # The broker keeps the order: what went before an answered message is lost or soon answered too.
            if travelling.sent_s < sent_s:
                travelling.due_s = min(travelling.due_s, now_s + ACK_WAIT_S)
        for row in list(self._resting):
            self._resting[row] = now_s

    def _wake(self, now_s: float) -> None:
        for message, travelling in list(self._sent.items()):
            if travelling.due_s <= now_s:
                self._fail(message)
        for row, not_before_s in list(self._resting.items()):
            if not_before_s <= now_s:
                del self._resting[row]
                insort(self._ready, row)

    def _fail(self, message: int) -> set[int]:
        rows = self._sent.pop(message).rows
        for row in rows:
            del self._message_of[row]
            self._failures[row] = self._failures.get(row, 0) + 1
            insort(self._ready, row)
        return rows

    def _take_out(self, row: int) -> None:
        place = bisect_left(self._ready, row)
        if place < len(self._ready) and self._ready[place] == row:
            del self._ready[place]

    def _size_for(self, row: int) -> int:
        failures = self._failures.get(row, 0)
        return BATCH if failures < 3 else 10 if failures < 5 else 1
