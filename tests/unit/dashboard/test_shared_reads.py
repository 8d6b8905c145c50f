"""A read serves everybody who asked before it began, and nobody who asked later."""

import asyncio
from collections.abc import Set

import pytest

from dashboard.shared_reads import GatheredReads, SharedReads


class Database:
    """Counts its reads; each ends when it is let go, and says which one it was."""

    def __init__(self) -> None:
        self.reads = 0
        self.begun = asyncio.Semaphore(0)
        self.let_go = asyncio.Semaphore(0)

    async def read(self) -> int:
        self.reads += 1
        mine = self.reads
        self.begun.release()
        await self.let_go.acquire()
        return mine


async def test_who_asks_while_a_read_runs_shares_the_next_one() -> None:
    database, shared = Database(), SharedReads()
    first = asyncio.create_task(shared.read("list", database.read))
    await database.begun.acquire()
    later = [asyncio.create_task(shared.read("list", database.read)) for _ in range(50)]
    await asyncio.sleep(0)
    database.let_go.release()
    assert await first == 1
    await database.begun.acquire()
    database.let_go.release()
    assert await asyncio.gather(*later) == [2] * 50
    assert database.reads == 2


async def test_different_questions_do_not_wait_for_each_other() -> None:
    database, shared = Database(), SharedReads()
    tasks = [asyncio.create_task(shared.read(key, database.read)) for key in ("one", "other")]
    await database.begun.acquire()
    await database.begun.acquire()
    database.let_go.release()
    database.let_go.release()
    assert sorted(await asyncio.gather(*tasks)) == [1, 2]


async def test_a_page_that_goes_away_takes_nothing_from_the_others() -> None:
    database, shared = Database(), SharedReads()
    gone, stays = (asyncio.create_task(shared.read("list", database.read)) for _ in range(2))
    await database.begun.acquire()
    gone.cancel()
    database.let_go.release()
    assert await stays == 1


async def test_a_failure_reaches_everybody_who_shared_it_and_the_next_read_begins_anew() -> None:
    shared = SharedReads()

    async def fails() -> int:
        raise ConnectionError("the database is away")

    async def works() -> int:
        return 7

    both = [asyncio.create_task(shared.read("list", fails)) for _ in range(2)]
    for task in both:
        with pytest.raises(ConnectionError):
            await task
    assert await shared.read("list", works) == 7


class Door:
    """Knows who may enter when it is asked; each question ends when it is let go."""

    def __init__(self, *known: str) -> None:
        self.known = set(known)
        self.asked: list[set[str]] = []
        self.begun = asyncio.Semaphore(0)
        self.let_go = asyncio.Semaphore(0)

    async def who(self, tokens: Set[str]) -> dict[str, str]:
        found = {token: f"person of {token}" for token in tokens if token in self.known}
        self.asked.append(set(tokens))
        self.begun.release()
        await self.let_go.acquire()
        return found


async def test_questions_of_one_moment_are_one_and_each_gets_its_own_answer() -> None:
    door = Door("a", "b", "c")
    gathered = GatheredReads[str, str](door.who)
    first = asyncio.create_task(gathered.read("a"))
    await door.begun.acquire()
    later = [asyncio.create_task(gathered.read(token)) for token in ("b", "nobody", "c", "b")]
    await asyncio.sleep(0)
    door.let_go.release()
    door.let_go.release()
    assert await first == "person of a"
    assert await asyncio.gather(*later) == ["person of b", None, "person of c", "person of b"]
    assert door.asked == [{"a"}, {"b", "nobody", "c"}]


async def test_who_asks_after_a_sign_out_is_not_answered_by_what_was_read_before() -> None:
    door = Door("a")
    gathered = GatheredReads[str, str](door.who)
    before = asyncio.create_task(gathered.read("a"))
    await door.begun.acquire()
    door.known.clear()
    after = asyncio.create_task(gathered.read("a"))
    await asyncio.sleep(0)
    door.let_go.release()
    door.let_go.release()
    assert await before == "person of a"
    assert await after is None
