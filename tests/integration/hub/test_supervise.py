"""The supervisor, with real processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.child import Child
from hub.readiness import ReadySocket
from hub.supervise import ProcessStuck, ProcessWillNotStart, Supervisor
from tests.harness.processes import ROOT
from tests.harness.waiting import wait_until

SLEEPS = ("sleep", "1000")


class Ward:
    """A supervisor, and what it said."""

    def __init__(self, logs: Path) -> None:
        self.said: list[str] = []
        self.supervisor = Supervisor(self.said.append)
        self._logs = logs

    def child(self, name: str, *argv: str, ready_file: Path | None = None) -> Child:
        return Child(
            name=name,
            argv=argv,
            log=self._logs / f"{name}.log",
            is_ready=(lambda: True) if ready_file is None else ready_file.exists,
        )

    def pid(self, name: str) -> int | None:
        return self.supervisor.process_id(name)

    def tick_until_said(self, words: str) -> None:
        def said() -> bool:
            self.supervisor.tick()
            return any(words in line for line in self.said)

        wait_until(said, deadline_s=5, what=words)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    yield made
    made.supervisor.stop([made.supervisor.names()], [1.0])


def never() -> bool:
    return False


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z"


def test_one_that_is_killed_is_started_again_and_said_so(watched: Ward) -> None:
    watched.supervisor.start(watched.child("ingest", *SLEEPS))
    watched.supervisor.tick()
    first = watched.pid("ingest")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    watched.tick_until_said("ingest died (killed by SIGKILL); starting it again in 0.2 s")
    watched.tick_until_said("ingest is back")
    assert watched.pid("ingest") not in (None, first)


def test_what_the_dead_one_had_started_is_ended_too(watched: Ward, tmp_path: Path) -> None:
    script = f"sleep 1000 & echo $! > {tmp_path}/grandchild; wait"
    watched.supervisor.start(watched.child("simulate", "bash", "-c", script))
    wait_until(lambda: (tmp_path / "grandchild").exists() and (tmp_path / "grandchild").read_text().strip())
    grandchild = int((tmp_path / "grandchild").read_text())
    watched.supervisor.tick()
    pid = watched.pid("simulate")
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    watched.tick_until_said("simulate died")
    wait_until(lambda: is_gone(grandchild))


def test_one_that_never_starts_ends_the_start_with_its_last_words(watched: Ward, tmp_path: Path) -> None:
    says_why = ("bash", "-c", "echo hearthward: the limits file is missing; exit 1")
    watched.supervisor.start(watched.child("alerts", *says_why, ready_file=tmp_path / "never"))
    with pytest.raises(
        ProcessWillNotStart, match=r"^alerts does not start: the limits file is missing \(more in"
    ):
        watched.supervisor.wait_ready(["alerts"], 5, never)


def test_one_that_is_not_ready_in_its_time_is_named(watched: Ward, tmp_path: Path) -> None:
    watched.supervisor.start(watched.child("dashboard", *SLEEPS, ready_file=tmp_path / "never"))
    with pytest.raises(ProcessStuck, match="dashboard is not ready after 0 s"):
        watched.supervisor.wait_ready(["dashboard"], 0.1, never)


def test_a_job_that_fails_says_why_and_one_that_succeeds_returns(watched: Ward) -> None:
    assert watched.supervisor.run_once(watched.child("migrate", "true"), never)
    with pytest.raises(ProcessWillNotStart, match="seed does not start: no such ward"):
        watched.supervisor.run_once(watched.child("seed", "bash", "-c", "echo no such ward; exit 1"), never)


def test_a_process_that_will_not_stop_is_killed_after_its_patience(watched: Ward, tmp_path: Path) -> None:
    stubborn = f"trap '' TERM; touch {tmp_path}/deaf; while :; do sleep 0.05; done"
    watched.supervisor.start(watched.child("gateway", "bash", "-c", stubborn))
    wait_until((tmp_path / "deaf").exists)
    pid = watched.pid("gateway")
    assert pid is not None
    watched.supervisor.stop([["gateway"]], [0.2])
    assert is_gone(pid)
    assert any("gateway did not stop" in line for line in watched.said)


def test_even_a_killed_supervisor_leaves_no_process_behind(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from hub.child import Child, spawn\n"
        "made = spawn(Child(name='x', argv=('sleep', '1000'), log=Path(sys.argv[1]) / 'x.log'))\n"
        "print(made.pid, flush=True); time.sleep(1000)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert not is_gone(child)
        parent.kill()
    wait_until(lambda: is_gone(child), deadline_s=5)


def test_a_process_is_ready_when_it_says_so_and_a_new_one_must_say_it_again(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(said.append)
    script = f"""
import time
from pathlib import Path
from runtime.ready import say_ready
while not Path({str(tmp_path / "go")!r}).exists(): time.sleep(0.01)
say_ready()
time.sleep(1000)
"""
    socket = ReadySocket(tmp_path / "x.ready")
    argv = (sys.executable, "-c", script)
    supervisor.start(Child(name="x", argv=argv, log=tmp_path / "x.log", directory=ROOT, ready_socket=socket))
    try:
        with pytest.raises(ProcessStuck):
            supervisor.wait_ready(["x"], 0.3, never)
        (tmp_path / "go").touch()
        assert supervisor.wait_ready(["x"], 10, never)
        (tmp_path / "go").unlink()
        pid = supervisor.process_id("x")
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: is_gone(pid))
        with pytest.raises(ProcessStuck):
            supervisor.wait_ready(["x"], 0.6, never)
        (tmp_path / "go").touch()
        assert supervisor.wait_ready(["x"], 10, never)
    finally:
        supervisor.stop([["x"]], [1.0])
    assert not socket.path.exists()
