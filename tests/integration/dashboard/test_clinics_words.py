"""The dashboard shows a clinic's own words, and does not start with words that no page can be made of."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from alerts.clinic import patient_words
from hub.cli import app
from tests.harness.database import Server
from tests.harness.desk import QUIET, running_dashboard
from tests.harness.processes import RunningCommand

SHIPPED = Path(patient_words.__file__).parent / "content"


def clinic(directory: Path, *changes: tuple[str, str]) -> Path:
    """A clinic's directory: the shipped English words with these changes."""
    text = (SHIPPED / "patient_en.toml").read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (directory / "patient_en.toml").write_text(text)
    shutil.copy(SHIPPED / "patient_es.toml", directory)
    return directory


def test_a_clinics_words_version_and_owner_are_on_the_page(database_server: Server, tmp_path: Path) -> None:
    own = clinic(
        tmp_path,
        ('owner = "Hearthward draft: your clinic writes its own"', 'owner = "Riverside Heart Team"'),
        ("version = 4", "version = 7"),
        ('approved_by = ""', 'approved_by = "Dr A. Example"'),
        ('welcome = "Your readings and your nurse"', 'welcome = "Welcome to Riverside"'),
    )
    with (
        database_server.fresh() as url,
        running_dashboard(url, patient_content=own) as running,
        httpx.Client(base_url=running.url) as phone,
    ):
        page = phone.get("/me/sign-in").text
    assert "Welcome to Riverside" in page
    assert "Words: version 7, Riverside Heart Team, Dr A. Example." in page


def test_every_mistake_is_said_before_anything_is_opened(
    start_command: Callable[..., RunningCommand], tmp_path: Path
) -> None:
    broken = clinic(
        tmp_path,
        ('save = "Save"\n', ""),
        ('hello = "Hello {name}"', 'hello = "Hello {nmae}"'),
        ('send = "Send"', 'sent = "Send"'),
    )
    command = start_command(
        "dashboard",
        environment={
            "HEARTHWARD_PATIENT_CONTENT": str(broken),
            "HEARTHWARD_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        },
    )
    assert command.process.wait(timeout=60) != 0
    assert "Traceback" not in command.log
    for mistake in (
        "patient_en.toml: page: 'save' is missing.",
        "patient_en.toml: page / hello: nothing fills {nmae}. Did you mean 'name'?",
        "patient_en.toml: asks: 'send' is missing.",
        "patient_en.toml: asks / sent: unknown word 'sent'. Did you mean 'send'?",
    ):
        assert mistake in command.log, command.log


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (12, "We look today until 19:00."),
        (23, "Nobody looks at your readings now. We look again on Monday 30 November at 09:00."),
    ],
)
def test_the_page_says_whether_anybody_looks_now(database_server: Server, hour: int, expected: str) -> None:
    """Quentin in Madrid, worse on a Friday night, must not wait for a nurse who comes on Monday."""
    friday = datetime(2026, 11, 27, hour, tzinfo=UTC)
    with (
        database_server.fresh() as url,
        running_dashboard(url, clock=lambda: friday) as running,
        running.sign_in() as nurse,
        httpx.Client(base_url=running.url, follow_redirects=True) as phone,
    ):
        code = nurse.post(f"/api/patients/{QUIET}/sign-in-code").json()["code"]
        page = phone.post("/me/sign-in", data={"who": f"MRN-{QUIET}", "code": code}).text
    assert expected in page
    assert ("Nobody looks at your readings now" in page) is (hour == 23)


def test_the_command_says_where_the_words_are_whose_they_are_and_copies_them_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["words", *words])
        return done.exit_code, done.output + str(done.exception or "")

    code, said = run()
    assert (code, said.splitlines()[0]) == (0, f"{SHIPPED}: the words that come with Hearthward")
    assert "patient_es.toml: version 4, borrador de Hearthward" in said
    assert "approved by nobody yet" in said
    own = tmp_path / "words"
    assert run("--copy", str(own))[0] == 0
    assert {file.name for file in own.iterdir()} == {"patient_en.toml", "patient_es.toml"}
    code, said = run("--copy", str(own))
    assert (code, "nothing was copied" in said) == (1, True)
    clinic(own, ('approved_by = ""', 'approved_by = "Dr A. Example"'))
    monkeypatch.setenv("HEARTHWARD_PATIENT_CONTENT", str(own))
    said = run()[1]
    assert f"{own}: the clinic's own" in said
    assert "approved by Dr A. Example" in said
    clinic(own, ('carer = "Please', 'carrer = "Please'))
    code, said = run()
    assert code == 1
    assert "patient_en.toml: letters: 'carer' is missing." in said
