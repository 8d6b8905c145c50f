"""The one place in the tests that sleeps: waiting for a condition, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Seen = TypeVar("Seen")


def wait_until(condition: Callable[[], Seen], *, deadline_s: float = 10.0, what: str = "") -> Seen:
    """Ask until the answer is truthy and return it.

    Raises AssertionError, naming `what` and the last answer, once the deadline is past. An AssertionError
    from the condition itself counts as "not yet".
    """
    end = time.monotonic() + deadline_s
    pause_s = 0.005
    while True:
        failure: AssertionError | None = None
        seen: Seen | None = None
        try:
            seen = condition()
        except AssertionError as error:
            failure = error
        if seen:
            return seen
        if time.monotonic() >= end:
            raise AssertionError(
                f"not within {deadline_s} s: {what or condition}; last: {seen!r}"
            ) from failure
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.1)


def stays_so(condition: Callable[[], object], *, for_s: float, what: str = "") -> None:
    """For "nothing happens": ask throughout `for_s` seconds; AssertionError at the first falsy answer."""
    end = time.monotonic() + for_s
    while time.monotonic() < end:
        if not condition():
            raise AssertionError(f"did not stay so for {for_s} s: {what or condition}")
        time.sleep(0.02)


async def eventually(
    condition: Callable[[], Seen | Awaitable[Seen]],
    *,
    deadline_s: float = 10.0,
    what: str | Callable[[], str] = "",
) -> Seen:
    """`wait_until` for a running event loop; the condition may itself be asynchronous."""
    end = time.monotonic() + deadline_s
    while True:
        asked = condition()
        seen = await asked if isinstance(asked, Awaitable) else asked
        if seen:
            return seen
        if time.monotonic() >= end:
            named = what() if callable(what) else what
            raise AssertionError(f"not within {deadline_s} s: {named or condition}; last: {seen!r}")
        await asyncio.sleep(0.01)


async def let_pass(seconds: float) -> None:
    """Let so much time go by, to see that nothing happens. Never to wait for something: `eventually`."""
    await asyncio.sleep(seconds)
