"""`hearthward simulate` as a process: started, told to measure, stopped, killed, and refused."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulators.bluetooth.bus import home_socket
from simulators.control import (
    ListDevices,
    SimulatorRefused,
    SimulatorUnreachable,
    TakeMeasurement,
    ask,
    control_socket,
)
from tests.harness.processes import RunningCommand
from tests.harness.waiting import wait_until
from vitals.ids import GatewayId

UP = "simulated ward up"
# Nothing is measured in the first eight seconds of a scenario: what a test measures is alone.
WARD = """
ward_id = "ward-1"
name = "Test ward"
time_zone = "Europe/London"

[[homes]]
gateway_id = "gw-1"
label = "Home 1"
patient_id = "p-t90cje"
time_zone = "Europe/London"
script = "steady"

[[homes.devices]]
device_id = "cuff-1"
family = "cuff"
address = "D8:13:6E:2B:7F:16"
name = "HW Cuff 16"
profile = "standard_cuff"
"""
READING = TakeMeasurement(device_id="cuff-1", values={"systolic": 182, "diastolic": 104})

Start = Callable[..., RunningCommand]


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="hw-") as short:
        (Path(short) / "ward.toml").write_text(WARD)
        yield Path(short)


def environment(directory: Path, **more: str) -> dict[str, str]:
    return {
        "HEARTHWARD_SIMULATOR_DIRECTORY": str(directory),
        "HEARTHWARD_SIMULATOR_WARD": str(directory / "ward.toml"),
        **more,
    }


def bus_daemons(directory: Path) -> list[int]:
    """The processes that serve a bus in this directory."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if b"dbus-daemon" in command and str(directory).encode() in command:
                found.append(int(process.name))
    return found


def test_it_measures_when_told_to_and_stops_at_once(start_command: Start, directory: Path) -> None:
    simulate = start_command("simulate", environment=environment(directory))
    simulate.wait_for_log(UP)

    reply = ask(directory, READING)

    assert reply.reading_id
    simulate.wait_for_log(reply.reading_id)
    assert "182" not in simulate.log
    [cuff] = ask(directory, ListDevices()).devices
    assert (cuff.family, cuff.remembers) == ("cuff", 1)
    assert len(bus_daemons(directory)) == 1
    assert simulate.stop(within_s=5) == 0  # a quarter of a second, but for a busy machine
    assert bus_daemons(directory) == []


def test_what_cannot_be_measured_is_refused_in_a_sentence(start_command: Start, directory: Path) -> None:
    start_command("simulate", environment=environment(directory)).wait_for_log(UP)

    for request, sentence in (
        (TakeMeasurement(device_id="cuff-9"), "no device 'cuff-9'"),
        (TakeMeasurement(device_id="cuff-1", values={"systolic": 120}), "needs diastolic"),
        (TakeMeasurement(device_id="cuff-1", values={"mood": 3}), "'mood' is no measure"),
    ):
        with pytest.raises(SimulatorRefused, match=sentence):
            ask(directory, request)


def test_the_command_line_tells_a_running_ward_to_measure(start_command: Start, directory: Path) -> None:
    start_command("simulate", environment=environment(directory)).wait_for_log(UP)

    measure = start_command(
        "simulate", "--measure", "cuff-1", "systolic=130", "diastolic=80", environment=environment(directory)
    )

    assert measure.process.wait(timeout=10) == 0
    assert len(measure.log.strip()) == 32
    assert ask(directory, ListDevices()).devices[0].remembers == 1


def test_killed_it_leaves_nobody_behind_and_comes_back_with_its_readings(
    start_command: Start, directory: Path
) -> None:
    simulate = start_command("simulate", environment=environment(directory))
    simulate.wait_for_log(UP)
    ask(directory, READING)

    simulate.kill()
    wait_until(lambda: not bus_daemons(directory), what="the bus is gone")
    with pytest.raises(SimulatorUnreachable):
        ask(directory, ListDevices())

    again = start_command("simulate", environment=environment(directory))
    again.wait_for_log(UP)
    assert home_socket(directory, GatewayId("gw-1")).is_socket()
    assert ask(directory, ListDevices()).devices[0].remembers == 1
    began = [line.split("began_at=")[1].split()[0] for log in (simulate.log, again.log) for line in [log]]
    assert began[0] == began[1]


def test_a_second_one_in_the_same_directory_is_refused(start_command: Start, directory: Path) -> None:
    start_command("simulate", environment=environment(directory)).wait_for_log(UP)

    second = start_command("simulate", environment=environment(directory))

    assert second.process.wait(timeout=20) == 1
    assert "Another simulated ward runs" in second.log
    assert ask(directory, ListDevices()).devices


def test_a_directory_that_cannot_be_made_is_named(start_command: Start, directory: Path) -> None:
    (directory / "file").write_text("")
    nowhere = environment(directory) | {"HEARTHWARD_SIMULATOR_DIRECTORY": str(directory / "file" / "ward")}

    simulate = start_command("simulate", environment=nowhere)

    assert simulate.process.wait(timeout=20) == 1
    assert "cannot be used" in simulate.log
    assert "Traceback" not in simulate.log


def test_without_dbus_daemon_it_says_what_to_install(start_command: Start, directory: Path) -> None:
    nowhere = environment(directory, PATH=os.fspath(directory))

    simulate = start_command("simulate", environment=nowhere)

    assert simulate.process.wait(timeout=20) == 1
    assert "apt-get install dbus" in simulate.log
    assert "Traceback" not in simulate.log


def test_a_path_that_no_socket_can_have_is_refused(start_command: Start, directory: Path) -> None:
    deep = directory / ("d" * 100)

    simulate = start_command(
        "simulate", environment=environment(directory) | {"HEARTHWARD_SIMULATOR_DIRECTORY": str(deep)}
    )

    assert simulate.process.wait(timeout=20) == 1
    assert "Choose a shorter directory" in simulate.log
    assert "Traceback" not in simulate.log
    assert not control_socket(deep).exists()
