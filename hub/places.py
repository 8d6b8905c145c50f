"""Where a ward keeps its things on this machine: its home, its short-lived sockets, its secrets, its logs."""

import hashlib
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from hub.accounts import Account, can_reach
from vitals.errors import HubError

_MARK = "WARD"
_STATE = Path("/var/lib/hearthward")


class PlaceUnusable(HubError):
    """A directory cannot be used; `reason` says what to do about it."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path} {reason}")


class NoSpace(HubError):
    """Too little room on the disk to start safely."""

    def __init__(self, path: Path, free_mb: int, needed_mb: int) -> None:
        self.path = path
        self.free_mb = free_mb
        super().__init__(
            f"Only {free_mb} MB are free on the disk of {path}, and the ward needs {needed_mb} MB: "
            "free some space, or choose another disk with HEARTHWARD_HOME."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The directories of one ward."""

    home: Path
    ward_id: str
    """Made at random with the home, and kept in it: a home made anew is another ward."""
    run: Path
    """Sockets: short paths, ours alone."""
    database: Path
    """The directory that holds the database's own directory; it belongs to the account that runs it."""
    database_socket: Path
    broker: Path
    """The broker's configuration and passwords."""

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def moved(self) -> bool:
        """Whether the database lives outside the home, because its account cannot reach the home."""
        return self.home not in self.database.parents


def places(home: Path, account: Account | None) -> Places:
    """Decide where everything goes. Touches nothing.

    Where root starts the servers under an account that cannot walk to the home, the database goes to
    /var/lib/hearthward instead: no directory's permissions are widened to let it in.
    """
    home = home.expanduser().absolute()
    key = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:10]
    ward_id = _ward_id(home) or secrets.token_hex(5)
    database = home / "database" if can_reach(home, account) else _STATE / ward_id
    run = _run_base() / f"hearthward-{key}"
    return Places(
        home=home,
        ward_id=ward_id,
        run=run,
        database=database,
        database_socket=run.with_name(f"{run.name}-db"),
        broker=run.with_name(f"{run.name}-mqtt"),
    )


def make(ward: Places, account: Account | None) -> None:
    """Make the directories that are not there yet.

    Raises PlaceUnusable where one cannot be made, or belongs to somebody else.
    """
    try:
        ward.home.mkdir(parents=True, exist_ok=True)
        if not (ward.home / _MARK).exists():
            (ward.home / _MARK).write_text(f"{ward.ward_id}\nA Hearthward ward lives here.\n")
    except OSError as error:
        raise PlaceUnusable(
            ward.home, f"cannot be written ({error.strerror}): choose another directory with HEARTHWARD_HOME."
        ) from error
    own_directory(ward.secrets, None)
    own_directory(ward.logs, None)
    own_directory(ward.run, None)
    own_directory(ward.database, account)
    own_directory(ward.database_socket, account)


def own_directory(path: Path, account: Account | None) -> None:
    """Make a directory that only the account (without one: we) may enter, or check that it is so.

    Raises PlaceUnusable where it is a link, or somebody else's: /tmp is everybody's.
    """
    owner = account.uid if account else os.geteuid()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            pass
        else:
            if account:
                os.chown(path, account.uid, account.gid)
        status = path.lstat()
    except OSError as error:
        raise PlaceUnusable(path, f"cannot be made ({error.strerror}).") from error
    if path.is_symlink() or not path.is_dir() or status.st_uid != owner:
        raise PlaceUnusable(
            path, "belongs to another account: remove it, or start as the account that made it."
        )
    if status.st_mode & 0o077:
        path.chmod(0o700)


def check_space(path: Path, needed_mb: int = 500) -> None:
    """Raises NoSpace where the disk of `path` has less than that free."""
    while not path.exists():
        path = path.parent
    free_mb = shutil.disk_usage(path).free // 1_000_000
    if free_mb < needed_mb:
        raise NoSpace(path, free_mb, needed_mb)


def secret(directory: Path, name: str) -> str:
    """The secret of that name, made on first use; in a file that only we can read."""
    path = directory / name
    if not path.exists():
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(24) + "\n")
    try:
        return path.read_text().strip()
    except OSError as error:
        raise PlaceUnusable(path, f"cannot be read ({error.strerror}).") from error


def start_over(ward: Places) -> None:
    """Remove the ward's home and its database for good.

    Raises PlaceUnusable where the home holds something that is not a ward: a mistyped HEARTHWARD_HOME must
    not cost somebody a directory.
    """
    if ward.home.exists() and any(ward.home.iterdir()) and not (ward.home / _MARK).exists():
        raise PlaceUnusable(ward.home, "is not a ward's home, so it is left alone: remove it yourself.")
    for directory in (ward.database, ward.home):
        shutil.rmtree(directory, ignore_errors=True)
    if ward.home.exists():
        raise PlaceUnusable(ward.home, "could not be removed completely: look at whose files are in it.")


def _ward_id(home: Path) -> str:
    """The id of the ward that lives there; empty where none does, or it cannot be read."""
    try:
        return (home / _MARK).read_text().split("\n")[0]
    except OSError:
        return ""


def _run_base() -> Path:
    """Where sockets go: a place of ours with a short path, that root's servers can also reach."""
    if os.geteuid() == 0:
        usual = Path("/run")
    else:
        usual = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    return usual if usual.is_dir() and os.access(usual, os.W_OK) else Path(tempfile.gettempdir())
