"""What every page and route of one process works with: settings, clock, and the way to the store."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from alerts.book.rulebook import Rulebook, shipped
from dashboard.attempts import Attempts
from dashboard.settings import DashboardSettings
from store.connection import Connection, Pool, borrow, borrow_for_one_read
from store.staff import Staff
from vitals.ids import PatientId

T = TypeVar("T")
R = TypeVar("R")

SIGNED_IN: ContextVar[Staff] = ContextVar("signed_in")
"""Who is behind this request; the gate sets it before anything that needs it runs."""

PATIENT_HERE: ContextVar[PatientId] = ContextVar("patient_here")
"""Whose own page this request is for; the gate sets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One process's shared parts.

    The event loop never waits for the database: `store` works on a bounded number of threads.
    """

    settings: DashboardSettings
    pool: Pool
    threads: ThreadPoolExecutor
    clock: Callable[[], datetime]
    rulebook: Rulebook = field(default_factory=shipped)
    patient_attempts: Attempts = field(default_factory=Attempts)
    """Wrong codes of patients; a nurse who reads out a new one lets the patient try again at once."""

    async def store(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, in one transaction on a thread: committed, or rolled back when it raises."""

        def run() -> T:
            with borrow(self.pool) as connection:
                return work(connection)

        # The thread knows what the request knows: who is signed in, and the reader's language.
        return await asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, run)

    async def ask(self, question: Callable[[Connection], T], then: Callable[[T], R]) -> R:
        """What `then` makes of a single statement's answer, both off the event loop."""

        def run() -> R:
            with borrow_for_one_read(self.pool) as connection:
                answer = question(connection)
            return then(answer)

        return await asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, run)

    async def compute(self, work: Callable[[], T]) -> T:
        """What `work` returns, off the event loop, for what costs milliseconds of a processor."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, work)


def signed_in() -> Staff:
    """Who is behind this request. Raises LookupError outside of one, which no route of the table can be."""
    return SIGNED_IN.get()
