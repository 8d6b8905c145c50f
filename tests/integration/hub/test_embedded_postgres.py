"""The embedded database, run as `hearthward up` runs it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hub import postgres
from hub.accounts import service_account
from hub.child import spawn
from tests.harness.database import PASSWORD, ROLE, Server, running_server
from tests.harness.waiting import wait_until


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as running:
        running.make_template()
        yield running


def test_the_hub_works_as_a_role_that_is_no_superuser(server: Server) -> None:
    with server.fresh() as url, psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_user, current_setting('is_superuser')").fetchone()
    assert row == (ROLE, "off")


def test_a_wrong_password_is_refused_even_to_a_local_user(server: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.superuser_url, password=PASSWORD + "x")


def test_nothing_listens_on_the_network_and_nobody_else_can_enter_its_directories(server: Server) -> None:
    with psycopg.connect(server.superuser_url, password=PASSWORD) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    for directory in (server.cluster.data, server.cluster.socket):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_database_that_was_killed_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    with running_server() as server:
        server.make_template()
        with psycopg.connect(server.superuser_url, password=PASSWORD, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('here')")
        server.process.kill()
        server.process.wait(timeout=10)
        postgres.prepare(server.cluster, PASSWORD, tmp_path / "initdb.log")
        child = postgres.child(server.cluster, tmp_path / "again.log")
        server.process = spawn(child)
        wait_until(child.is_ready, deadline_s=60)
        with psycopg.connect(server.superuser_url, password=PASSWORD) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("here",)


def test_a_second_start_on_a_directory_in_use_is_refused_in_one_sentence(server: Server) -> None:
    with pytest.raises(postgres.DatabaseInUse, match=r"already running on .* stop it"):
        postgres.refuse_leftovers(server.cluster.data, patience_s=0.4)


def test_a_directory_of_another_major_version_is_refused_in_one_sentence(
    server: Server, tmp_path: Path
) -> None:
    other = postgres.Cluster(
        data=tmp_path, socket=tmp_path, account=service_account(), programs=server.cluster.programs
    )
    (tmp_path / "PG_VERSION").write_text("19\n")
    with pytest.raises(
        postgres.DatabaseOfAnotherVersion, match=r"PostgreSQL 19.*brings PostgreSQL 18.*RESET=1"
    ):
        postgres.prepare(other, PASSWORD, tmp_path / "log")


def test_a_pid_file_left_by_a_reboot_does_not_stop_the_start(server: Server, tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    postgres.refuse_leftovers(tmp_path, patience_s=0.4)
    assert not (tmp_path / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("FATAL:  could not write lock file: No space left on device", "free some space"),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "in a few seconds"),
        ('FATAL:  could not open file "x": Permission denied', "account that made it"),
        ("PANIC:  could not locate a valid checkpoint record", "RESET=1"),
    ],
)
def test_the_reason_it_gives_is_passed_on_with_what_to_do(tmp_path: Path, line: str, advice: str) -> None:
    log = tmp_path / "database.log"
    log.write_text(f"2026-01-01 [1] LOG:  starting\n2026-01-01 [1] {line}\n")
    said = str(postgres.explain(log))
    assert advice in said
    assert line.split(":  ")[1] in said
