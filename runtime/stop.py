"""How a process is asked to stop: SIGTERM or SIGINT sets one event that its loops wait on."""

import signal
import threading
from types import FrameType


def stop_on_signals(*more: signal.Signals) -> threading.Event:
    """An event that SIGTERM, SIGINT and the signals of `more` set.

    Call it from the main thread, before any work starts.
    """
    stopping = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT, *more):
        signal.signal(number, ask)
    return stopping
