"""`hearthward words`: where the words for patients are, whose they are, and whether they will do."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub import configuration
from vitals.errors import HubError

if TYPE_CHECKING:
    from alerts.clinic.patient_words import Content


class NotCopied(HubError):
    """The words were not copied, and why."""


def words(
    copy: Annotated[
        Path | None, typer.Option(metavar="DIRECTORY", help="Put a copy of them there, to write your own.")
    ] = None,
) -> None:
    """Say where the words for patients are: their page, what they are asked, and what is mailed or texted.

    Each file with its version, its owner and the clinician who approved it. Every mistake in them is said, as
    the dashboard and the notifier would when they start. docs/patients-page.md explains the files.

    \b
    Examples:
      hearthward words
      hearthward words --copy /etc/hearthward/words
      HEARTHWARD_PATIENT_CONTENT=/etc/hearthward/words hearthward words
    """
    from alerts.book.rulebook import in_force
    from alerts.clinic import patient_words
    from alerts.settings import PatientContentSettings

    settings = configuration.load(PatientContentSettings)
    directory = patient_words.place(settings.patient_content)
    found = patient_words.load(settings.patient_content, in_force(settings.alerts_programmes))
    if copy is not None:
        _copy(directory, copy)
        typer.echo(f"Copied to {copy}. Change them there, and set HEARTHWARD_PATIENT_CONTENT={copy}.")
        return
    whose = "the words that come with Hearthward" if settings.patient_content is None else "the clinic's own"
    typer.echo(f"{directory}: {whose}")
    for language, content in found.by_language.items():
        typer.echo(line(directory / patient_words.file_name(language), content))


def line(path: Path, content: "Content") -> str:
    """One file: its version, its owner, who approved it."""
    approved = f"approved by {content.approved_by}" if content.approved_by else "approved by nobody yet"
    return f"  {path.name}: version {content.version}, {content.owner}, {approved}"


def _copy(directory: Path, to: Path) -> None:
    """Raises NotCopied where a file is there already: nobody's words are overwritten."""
    files = sorted(directory.glob("patient_*.toml"))
    there = [str(to / file.name) for file in files if (to / file.name).exists()]
    if there:
        raise NotCopied(f"There is already {' and '.join(there)}: nothing was copied.")
    try:
        to.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(file, to / file.name)
    except OSError as error:
        raise NotCopied(f"{to} cannot be written: {error.strerror}.") from error
