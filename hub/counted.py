"""How far a long command is, on standard error: a bar at a terminal, and lines for a pipe or a log."""

import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import TextIO

import typer

Told = Callable[[int, int], None]
"""Called with how much is done, and of how much."""

_LINES = 10


@contextmanager
def counted(label: str, what: str, *, to: TextIO | None = None) -> Generator[Told]:
    """Shows what the function that it gives is told: `label` before a bar, or `3 of 30 patients` a line.

    A file or a pipe gets a line for each tenth, and for the end.
    """
    out = to or sys.stderr
    if not out.isatty():
        yield _lines(what, out)
        return
    with ExitStack() as shown:
        bar = None

        def told(done: int, of: int) -> None:
            nonlocal bar
            if bar is None:
                # Not before: the time that it reckons up to the end begins here.
                bar = shown.enter_context(typer.progressbar(length=of, label=label, file=out))
            bar.update(done - bar.pos)

        yield told


def _lines(what: str, out: TextIO) -> Told:
    printed = -1

    def told(done: int, of: int) -> None:
        nonlocal printed
        step = done * _LINES // of if of else _LINES
        if step != printed:
            printed = step
            out.write(f"{done} of {of} {what}\n")
            out.flush()

    return told
