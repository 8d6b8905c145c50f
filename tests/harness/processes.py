"""Our own commands as real processes that a test starts, watches and kills."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from runtime.children import die_with_parent
from tests.harness.waiting import wait_until

ROOT = Path(__file__).parents[2]


class RunningCommand:
    """One `hearthward <command>` process."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self.log_file = log
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HEARTHWARD_")}
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub", *arguments],
                cwd=ROOT,
                env={**inherited, **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def wait_for_log(self, text: str, *, deadline_s: float = 30.0) -> None:
        """Wait until the text is in what it printed; fails at once where it ended before."""

        def seen_or_ended() -> bool:
            return text in self.log or not self.is_running

        wait_until(seen_or_ended, deadline_s=deadline_s, what=f"{text!r} in the log")
        assert text in self.log, f"it ended with {self.process.returncode} before {text!r}:\n{self.log}"

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.process.kill()
        self.process.wait(timeout=10)

    def stop(self, *, within_s: float = 15.0, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code. AssertionError where it does not within the time."""
        if self.is_running:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=within_s)
        except subprocess.TimeoutExpired as expired:
            self.kill()
            raise AssertionError(f"still running {within_s} s after {number.name}:\n{self.log}") from expired
