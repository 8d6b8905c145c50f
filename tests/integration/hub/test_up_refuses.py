"""What `hearthward up` says where it cannot start: one sentence, and what to do."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.accounts import service_account
from hub.alone import alone
from hub.broker import free_port
from hub.places import NoSpace, PlaceUnusable, check_space, make, own_directory, places, start_over
from tests.harness.processes import RunningCommand

Start = Callable[..., RunningCommand]


def refusal(command: RunningCommand, code: int = 1) -> str:
    """The one sentence that it said, and nothing else."""
    assert command.process.wait(timeout=30) == code
    said = command.log.strip()
    assert said.startswith("hearthward: "), said
    assert len(said.splitlines()) == 1, said
    return said


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "ward"


def up(start: Start, home: Path, *, port: int | None = None, path: str | None = None) -> RunningCommand:
    environment = {"HEARTHWARD_HOME": str(home), "HEARTHWARD_DASHBOARD_PORT": str(port or free_port())}
    return start("up", environment=environment | ({"PATH": path} if path is not None else {}))


def test_a_busy_port_is_named_and_another_suggested(start_command: Start, home: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        said = refusal(up(start_command, home, port=port))
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert f"make demo PORT={port + 1}" in said


def test_a_missing_dbus_daemon_is_said_with_its_package(start_command: Start, home: Path) -> None:
    said = refusal(up(start_command, home, path="/nowhere"))
    assert "dbus-daemon is not installed" in said
    assert "apt-get install dbus" in said


def test_a_second_start_of_a_running_ward_is_refused(start_command: Start, home: Path) -> None:
    where = places(home, service_account())
    with alone(where):
        said = refusal(up(start_command, home))
    assert "already running" in said
    assert f"process {os.getpid()}" in said
    assert not where.run.exists()


def test_a_home_that_cannot_be_made_is_said(start_command: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refusal(up(start_command, tmp_path / "file" / "ward"))
    assert "choose another directory with HEARTHWARD_HOME" in said


def test_every_mistake_in_the_settings_is_listed(start_command: Start, home: Path) -> None:
    mistaken = {
        "HEARTHWARD_HOME": str(home),
        "HEARTHWARD_DASHBOARD_PROT": "1",
        "HEARTHWARD_MQTT_PORT": "many",
    }
    command = start_command("up", environment=mistaken)
    assert command.process.wait(timeout=30) == 2
    assert "did you mean HEARTHWARD_DASHBOARD_PORT?" in command.log
    assert "HEARTHWARD_MQTT_PORT ('many')" in command.log
    assert "Traceback" not in command.log


def test_a_database_of_a_newer_postgresql_is_left_alone(start_command: Start, home: Path) -> None:
    account = service_account()
    ward = places(home, account)
    make(ward, account)
    data = ward.database / "data"
    own_directory(data, account)
    (data / "PG_VERSION").write_text("99\n")
    try:
        command = up(start_command, home)
        assert command.process.wait(timeout=30) == 1
        assert "was made by PostgreSQL 99" in command.log
        assert "Traceback" not in command.log
        assert (data / "PG_VERSION").read_text() == "99\n"
    finally:
        start_over(ward)


def test_a_disk_without_room_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(NoSpace, match=r"Only \d+ MB are free on the disk of .* free some space"):
        check_space(tmp_path / "not" / "yet", needed_mb=10**9)


def test_starting_over_spares_a_directory_that_is_no_ward(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(PlaceUnusable, match="is not a ward's home"):
        start_over(places(tmp_path, None))
    assert (tmp_path / "thesis.txt").exists()


def test_a_link_in_place_of_a_private_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").symlink_to(tmp_path / "theirs")
    with pytest.raises(PlaceUnusable, match="belongs to another account"):
        own_directory(tmp_path / "ours", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the servers another account")
def test_a_home_that_the_servers_account_cannot_reach_keeps_its_permissions(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    account = service_account()
    ward = places(closed / "ward", account)
    with alone(ward):
        make(ward, account)
        assert ward.moved
        assert closed not in ward.database.parents
        assert closed.stat().st_mode & 0o777 == 0o700
        start_over(ward)


def test_a_home_that_was_removed_and_made_anew_is_another_ward(tmp_path: Path) -> None:
    """Its database may be outside of it, with passwords that went with the home."""
    first = places(tmp_path / "ward", None)
    with alone(first):
        make(first, None)
    assert places(tmp_path / "ward", None).ward_id == first.ward_id
    shutil.rmtree(tmp_path / "ward")
    assert places(tmp_path / "ward", None).ward_id != first.ward_id
