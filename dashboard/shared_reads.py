"""Reads that many pages ask for at the same moment, done once for all, and never from an older state."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Set
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Key = TypeVar("Key", bound=Hashable)


class SharedReads:
    """After a live event every open page asks for the same list.

    A read serves all who asked before it began: whoever asks later waits for the next one. So everybody is
    shown a state that is newer than their question, nothing is kept, and one read of a kind runs at a time.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}
        self._waiting: dict[Hashable, asyncio.Task[Any]] = {}

    async def read(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """What `work` returns; `key` is equal for those, and only those, who may be given the same answer."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = asyncio.create_task(self._in_turn(key, work))
            self._waiting[key] = waiting
        # One page that goes away must not take the answer from the others.
        return await asyncio.shield(waiting)

    async def _in_turn(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        before = self._running.get(key)
        if before is not None:
            await asyncio.wait([before])
        task = self._waiting.pop(key)
        self._running[key] = task
        try:
            return await work()
        finally:
            if self._running.get(key) is task:
                del self._running[key]


class GatheredReads(Generic[Key, T]):
    """Questions of one kind that come at the same moment, asked as one, and each answered by itself.

    As with `SharedReads` the read begins after every question that it answers, and nothing is kept: what was
    true a moment ago is never the answer.
    """

    def __init__(self, work: Callable[[Set[Key]], Awaitable[Mapping[Key, T]]]) -> None:
        self._work = work
        self._shared = SharedReads()
        self._keys: set[Key] = set()

    async def read(self, key: Key) -> T | None:
        """What `work` found for the key; None where it found nothing."""
        self._keys.add(key)
        return (await self._shared.read("all", self._take)).get(key)

    async def _take(self) -> Mapping[Key, T]:
        # No `await` before this: who asks from here on is not in the read, and waits for the next one.
        keys, self._keys = self._keys, set()
        return await self._work(keys)
