"""How often somebody may try to sign in: a growing wait, never a lock that a stranger can turn."""

from collections import deque
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 20
_REMEMBERED = 10_000


class Attempts:
    """Failed sign-ins of the last `WINDOW`, by account and by network address, in this process."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], deque[datetime]] = {}

    def wait(self, account: str, address: str, now: datetime) -> timedelta | None:
        """How long until this account or address may try again; None where it may now."""
        waits = (
            self._wait(("account", account.lower()), PER_ACCOUNT, now),
            self._wait(("address", address), PER_ADDRESS, now),
        )
        return max((wait for wait in waits if wait is not None), default=None)

    def failed(self, account: str, address: str, now: datetime) -> None:
        """Remember one failure."""
        if len(self._failures) > _REMEMBERED:
            self._forget_old(now)
        for key in (("account", account.lower()), ("address", address)):
            self._failures.setdefault(key, deque(maxlen=PER_ADDRESS)).append(now)

    def succeeded(self, account: str) -> None:
        """The account's person is there: its failures no longer count."""
        self._failures.pop(("account", account.lower()), None)

    def _wait(self, key: tuple[str, str], allowed: int, now: datetime) -> timedelta | None:
        recent = [at for at in self._failures.get(key, ()) if at > now - WINDOW]
        if len(recent) < allowed:
            return None
        return recent[-allowed] + WINDOW - now

    def _forget_old(self, now: datetime) -> None:
        old = [key for key, failures in self._failures.items() if failures[-1] <= now - WINDOW]
        for key in old:
            del self._failures[key]
