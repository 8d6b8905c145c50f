"""Which account the embedded servers run under: PostgreSQL refuses root, so root lends them another."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vitals.errors import HubError

ACCOUNT_NAME = "hearthward"
_STAND_IN = "postgres"


class NoServiceAccount(HubError):
    """root found no account for the servers and could not make one."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"PostgreSQL refuses to run as root, and the system account '{ACCOUNT_NAME}' could not be made "
            f"({reason}). Make it with `useradd --system {ACCOUNT_NAME}`, or run as an ordinary user."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of the operating system that a server is started under."""

    name: str
    uid: int
    gid: int


def service_account() -> Account | None:
    """The account for the servers where we are root, made if missing; None where we are not.

    Raises NoServiceAccount where there is none and none can be made.
    """
    if os.geteuid() != 0:
        return None
    return _existing(ACCOUNT_NAME) or _made() or _existing(_STAND_IN) or _give_up("useradd failed")


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account can walk to the path and read it; always true without one.

    Judged by the mode bits of every directory on the way, because root's own view says nothing.
    """
    if account is None:
        return True
    resolved = path.resolve()
    if not resolved.exists():
        return can_reach(resolved.parent, account)
    return all(_allows(step, account) for step in (resolved, *resolved.parents))


def _allows(step: Path, account: Account) -> bool:
    status = step.stat()
    if status.st_uid == account.uid:
        granted = status.st_mode >> 6
    elif status.st_gid == account.gid:
        granted = status.st_mode >> 3
    else:
        granted = status.st_mode
    needed = 0o1 if step.is_dir() else 0o4
    return granted & needed == needed


def _existing(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)


def _made() -> Account | None:
    useradd = shutil.which("useradd") or shutil.which("useradd", path="/usr/sbin:/sbin")
    if useradd is None:
        return None
    subprocess.run(
        [
            useradd,
            "--system",
            "--user-group",
            "--no-create-home",
            "--shell",
            "/usr/sbin/nologin",
            ACCOUNT_NAME,
        ],
        capture_output=True,
        check=False,
    )
    return _existing(ACCOUNT_NAME)


def _give_up(reason: str) -> Account:
    raise NoServiceAccount(reason)
