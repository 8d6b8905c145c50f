"""Keeps processes running: starts them, notices who died, starts those again, stops all in order."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hub.child import Child, signal_group, spawn, tail
from vitals.errors import HubError

_FIRST_DELAY_S = 0.2
_LONGEST_DELAY_S = 10.0
_SETTLED_S = 30.0
"""One that has run so long has recovered: its next death starts the back-off from the beginning."""
_HOPELESS = 3
"""One that died so often before it was ever ready will not be."""
_LOG_LIMIT = 5_000_000


class ProcessWillNotStart(HubError):
    """A process ended again and again before it was ready."""

    def __init__(self, name: str, log: Path, last_words: str) -> None:
        self.name = name
        self.log = log
        super().__init__(f"{name} does not start: {last_words or 'it left no message'} (more in {log})")


class ProcessStuck(HubError):
    """A process is not ready within the time it has."""

    def __init__(self, name: str, log: Path, waited_s: float) -> None:
        self.name = name
        super().__init__(f"{name} is not ready after {waited_s:.0f} s; its log is {log}")


def restart_delay_s(deaths: int) -> float:
    """How long to wait before the start after that many deaths in a row."""
    return min(_FIRST_DELAY_S * 2 ** max(0, deaths - 1), _LONGEST_DELAY_S)


@dataclass(slots=True)
class _Watched:
    child: Child
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    ready: bool = False
    was_ready: bool = False
    deaths: int = 0
    due_at: float = field(default=0.0)


class Supervisor:
    """Owns the processes. One thread: everything happens in `tick`, which never waits."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._watched: dict[str, _Watched] = {}

    def start(self, child: Child) -> None:
        """Start a process and keep it running from now on."""
        rotate(child.log)
        self._watched[child.name] = watched = _Watched(child)
        self._spawn(watched)

    def tick(self) -> None:
        """Notice who died and who became ready, and start again whose time has come.

        Raises ProcessWillNotStart for one that never was ready and has died too often.
        """
        now = time.monotonic()
        for watched in self._watched.values():
            if watched.process is None:
                if now >= watched.due_at:
                    self._spawn(watched)
            elif (code := watched.process.poll()) is not None:
                self._died(watched, code, now)
            elif not watched.ready and watched.child.said_ready():
                self._became_ready(watched, now)

    def is_ready(self, name: str) -> bool:
        """Whether the process runs and has been ready since it was last started."""
        return self._watched[name].ready

    def process_id(self, name: str) -> int | None:
        """The process that runs under that name now; None between a death and the next start."""
        process = self._watched[name].process
        return process.pid if process else None

    def wait_ready(self, names: Iterable[str], deadline_s: float, stopping: Callable[[], bool]) -> bool:
        """Tick until all are ready; false where we are asked to stop meanwhile.

        Raises ProcessStuck at the deadline, ProcessWillNotStart.
        """
        waiting = list(names)
        end = time.monotonic() + deadline_s
        while not stopping():
            self.tick()
            waiting = [name for name in waiting if not self.is_ready(name)]
            if not waiting:
                return True
            if time.monotonic() > end:
                raise ProcessStuck(waiting[0], self._watched[waiting[0]].child.log, deadline_s)
            time.sleep(0.03)
        return False

    def run_once(self, child: Child, stopping: Callable[[], bool]) -> bool:
        """Run a process to its end; false where we are asked to stop meanwhile.

        The others are watched as it runs. Raises ProcessWillNotStart where it fails.
        """
        rotate(child.log)
        process = spawn(child)
        while (code := process.poll()) is None:
            if stopping():
                _end(process, child, patience_s=2.0)
                return False
            self.tick()
            time.sleep(0.03)
        if code != 0:
            raise ProcessWillNotStart(child.name, child.log, last_words(child.log))
        return True

    def stop(self, order: Sequence[Sequence[str]], patience_s: Sequence[float]) -> None:
        """Stop the groups one after another; who is still there after its group's patience is killed."""
        for names, patience in zip(order, patience_s, strict=True):
            group = [self._watched.pop(name) for name in names if name in self._watched]
            self._stop_group(group, patience)

    def names(self) -> list[str]:
        """Everyone whom we keep running, in the order of their start."""
        return list(self._watched)

    def _stop_group(self, group: Sequence[_Watched], patience_s: float) -> None:
        running = [(watched.child, watched.process) for watched in group if watched.process is not None]
        for child, process in running:
            if process.poll() is None:
                process.send_signal(child.stop_signal)
        end = time.monotonic() + patience_s
        while any(process.poll() is None for _, process in running) and time.monotonic() < end:
            time.sleep(0.02)
        for child, process in running:
            if process.poll() is None:
                self._say(f"{child.name} did not stop within {patience_s:.0f} s and was killed")
            signal_group(process, signal.SIGKILL)  # whatever it may have left behind, too
            process.wait()
            if child.ready_socket:
                child.ready_socket.close()

    def _spawn(self, watched: _Watched) -> None:
        watched.process = spawn(watched.child)
        watched.started_at = time.monotonic()
        watched.ready = False

    def _became_ready(self, watched: _Watched, now: float) -> None:
        watched.ready = True
        if watched.was_ready:
            self._say(f"{watched.child.name} is back after {now - watched.started_at:.1f} s")
        watched.was_ready = True

    def _died(self, watched: _Watched, code: int, now: float) -> None:
        assert watched.process is not None
        signal_group(watched.process, signal.SIGKILL)
        watched.process = None
        watched.ready = False
        watched.deaths = 1 if now - watched.started_at > _SETTLED_S else watched.deaths + 1
        if not watched.was_ready and watched.deaths >= _HOPELESS:
            raise ProcessWillNotStart(watched.child.name, watched.child.log, last_words(watched.child.log))
        delay_s = restart_delay_s(watched.deaths)
        watched.due_at = now + delay_s
        self._say(f"{watched.child.name} died ({cause(code)}); starting it again in {delay_s:.1f} s")


def cause(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


def last_words(log: Path) -> str:
    """The last line of a log that says something."""
    said = next((line.strip() for line in reversed(tail(log)) if line.strip()), "")
    return said.removeprefix("hearthward: ")


def rotate(log: Path) -> None:
    """Put a log that has grown large aside, over the one that was put aside before."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))


def _end(process: "subprocess.Popen[bytes]", child: Child, patience_s: float) -> None:
    process.send_signal(child.stop_signal)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=patience_s)
    signal_group(process, signal.SIGKILL)
    process.wait()
