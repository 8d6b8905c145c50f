"""What a person at the terminal reads while a ward starts, runs and stops."""

import sys
import time
from datetime import datetime

from runtime.clock import utc_now


class Progress:
    """Short lines: seconds since the start while it starts, the time of day once it runs."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._running = False

    @property
    def elapsed_s(self) -> float:
        """Seconds since the command was given."""
        return time.monotonic() - self._began

    def say(self, line: str) -> None:
        """Print one event."""
        stamp = _time_of_day(utc_now()) if self._running else f"{self.elapsed_s:6.1f} s"
        self._print(f"  {stamp}  {line}")

    def now_running(self, block: str) -> None:
        """Print the closing block of the start; lines after it carry the time of day."""
        self._print(block)
        self._running = True

    @staticmethod
    def _print(text: str) -> None:
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except OSError:  # the terminal is gone; the ward goes on, and its logs tell
            return


def _time_of_day(now: datetime) -> str:
    return now.astimezone().strftime("%H:%M:%S")
