"""The scripts behind `make`: what they say where something is missing."""

import os
import subprocess
from pathlib import Path

from tests.harness.processes import ROOT


def script(name: str, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path} if path is not None else None
    return subprocess.run(
        [ROOT / "scripts" / name, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def without_apt(directory: Path) -> str:
    """A PATH on which nobody is root and there is no apt-get."""
    (directory / "id").write_text("#!/bin/sh\necho 1000\n")
    (directory / "id").chmod(0o755)
    return f"{directory}:/usr/bin:/bin"


def test_what_is_there_is_not_installed_again() -> None:
    said = script("ensure-packages", "--needed", "bash:bash", "coreutils:/bin/ls")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_what_is_missing_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    wanted = ("dbus:no-such-program", "fonts-none:/no/such/font", "bash:bash")
    said = script("ensure-packages", *wanted, path=without_apt(tmp_path))
    assert said.stderr == "Missing: dbus fonts-none. Install with: sudo apt-get install dbus fonts-none\n"
    assert said.returncode == 0
    assert script("ensure-packages", "--needed", *wanted, path=without_apt(tmp_path)).returncode == 1


def test_a_missing_python_is_one_sentence(tmp_path: Path) -> None:
    said = script("make-venv", "python0.1", str(tmp_path / "venv"))
    assert said.returncode == 1
    assert said.stderr.startswith(
        "python0.1 is not installed: sudo apt-get install python3.11 python3.11-venv"
    )
    assert len(said.stderr.splitlines()) == 1


def test_a_python_without_venv_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "python3.11").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3.11").chmod(0o755)
    said = script("make-venv", "python3.11", str(tmp_path / "venv"), path=without_apt(tmp_path))
    assert said.returncode == 1
    assert said.stderr == (
        "Python's venv is not installed: sudo apt-get install python3-venv, then run this again.\n"
    )


def test_every_script_is_short_and_says_what_it_does() -> None:
    for path in (ROOT / "scripts").iterdir():
        lines = path.read_text().splitlines()
        assert lines[0] == "#!/bin/bash"
        assert lines[1].startswith("# ")
        assert len(lines) <= 30, path.name
        assert os.access(path, os.X_OK)
