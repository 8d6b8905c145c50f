"""Which advertisement starts a session, and what the end of one means for the next. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from device_profiles.profile import Bond, Profile

# A box without a battery-backed clock wakes up in the past, and would date readings wrongly.
EARLIEST_NOW_YEAR = 2025
FAILURES_UNTIL_PAIRING = 3
_FIRST_REST = timedelta(seconds=1)
_LONGEST_REST = timedelta(seconds=60)


class Verdict(StrEnum):
    """Whether a session starts on an advertisement, and why not."""

    CONNECT = "connect"
    IN_SESSION = "in session already"
    RESTING = "its last session is too short ago"
    ALL_PLACES_TAKEN = "as many sessions as allowed"
    OUTBOX_FULL = "no room for its readings"
    CLOCK_NOT_SET = "this gateway does not know the time yet"

    @property
    def needs_somebody(self) -> bool:
        """Whether it will stay so until somebody does something."""
        return self in {Verdict.OUTBOX_FULL, Verdict.CLOCK_NOT_SET}


class Ending(StrEnum):
    """How a session ended."""

    HUNG_UP = "the device hung up"
    SILENT = "the device had nothing more to say"
    LINK_LOST = "the link was lost"
    UNREACHABLE = "no connection came about"
    PAIRING_FAILED = "pairing failed"
    UNSUITABLE = "the device has not what its profile expects"
    HANDSHAKE_FAILED = "the device did not answer as its profile expects"
    NOT_STORED = "a reading could not be stored"
    BOND_FORGOTTEN = "the old bond was forgotten, to pair anew"
    BONDED = "the first bond is made, and the device wants the link to end for that"


_HEALTHY = frozenset({Ending.HUNG_UP, Ending.SILENT})
# A device that lost its bond drops the link, and BlueZ goes on believing in the bond: nothing else tells.
_LIKE_A_LOST_BOND = frozenset({Ending.UNREACHABLE, Ending.PAIRING_FAILED, Ending.LINK_LOST})


@dataclass(slots=True, kw_only=True)
class Visits:
    """How it went with one device so far. Seconds are of a clock that never jumps."""

    in_session: bool = False
    failures: int = 0
    rest_until_s: float = 0.0
    needs_pairing: bool = False

    def verdict(
        self, *, now: datetime, now_s: float, free_places: int, has_room: Callable[[], bool]
    ) -> Verdict:
        """Whether to connect on an advertisement that came now."""
        if self.in_session:
            return Verdict.IN_SESSION
        if now_s < self.rest_until_s:
            return Verdict.RESTING
        if now.year < EARLIEST_NOW_YEAR:
            return Verdict.CLOCK_NOT_SET
        if free_places <= 0:
            return Verdict.ALL_PLACES_TAKEN
        return Verdict.CONNECT if has_room() else Verdict.OUTBOX_FULL

    def ended(self, ending: Ending, profile: Profile, *, said_something: bool, now_s: float) -> None:
        """Learn from the end of a session; `said_something`: at least one frame came."""
        self.in_session = False
        if ending in {Ending.BOND_FORGOTTEN, Ending.BONDED}:
            return
        if ending in _HEALTHY or said_something:
            self.failures = 0
            self.needs_pairing = False
            rest = profile.session_end.reconnect_after if ending in _HEALTHY else _FIRST_REST
        else:
            self.failures += 1
            rest = min(_LONGEST_REST, _FIRST_REST * 2 ** min(self.failures - 1, 10))
            bonded = profile.bond is not Bond.NONE
            if bonded and ending in _LIKE_A_LOST_BOND and self.failures >= FAILURES_UNTIL_PAIRING:
                self.needs_pairing = True
        self.rest_until_s = now_s + rest.total_seconds()
