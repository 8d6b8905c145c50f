"""The ward's contacts and rota as a file that a lead can keep: checked as a whole, then put in place."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from alerts.book.mistakes import Mistake, near
from alerts.notify.channels import Channel
from alerts.notify.policy import BrokenPolicy, Part, mistake
from store import contacts, patient_contacts, rota, staff
from store.connection import Connection, transaction
from store.population import patient_by_record_number
from store.rota import Duty
from store.staff import Staff
from vitals.ask import Audience
from vitals.ids import PatientId, StaffId


class ContactEntry(Part):
    """How a member of staff (by sign-in address) is reached; their entries are tried in the file's order."""

    staff: str
    channel: str
    address: str


class ShiftEntry(Part):
    """Who is on duty; times without an offset are the ward's. `cover_for`: in whose place."""

    duty: Duty
    staff: str
    begin: datetime
    end: datetime
    cover_for: str | None = None


class PatientContactEntry(Part):
    """How a patient (by record number), or the partner or carer whom they named, is reached."""

    record_number: str
    audience: Audience = Audience.PATIENT
    channel: str
    address: str


class PeopleFile(Part):
    """A whole file: it replaces the ward's contacts, and its shifts that have not ended.

    The contacts of patients are replaced only by a file that speaks of them.
    """

    contacts: tuple[ContactEntry, ...] = ()
    shifts: tuple[ShiftEntry, ...] = ()
    patient_contacts: tuple[PatientContactEntry, ...] | None = None


_WORDS = frozenset(
    {
        name
        for part in (PeopleFile, ContactEntry, PatientContactEntry, ShiftEntry)
        for name in part.model_fields
    }
    | {word.value for kind in (Duty, Audience) for word in kind}
)


def read(path: Path) -> tuple[PeopleFile, list[Mistake]]:
    """The entries of a file, or every mistake in its form."""
    try:
        return PeopleFile.model_validate(tomllib.loads(path.read_text("utf-8"))), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        return PeopleFile(), [Mistake(file=path.name, place="file", what=f"cannot be read: {error}")]
    except ValidationError as error:
        return PeopleFile(), [mistake(path.name, detail, _WORDS) for detail in error.errors()]


def mistakes_in(
    people: PeopleFile, file: str, known: Mapping[str, Staff], channels: Mapping[str, Channel], zone: ZoneInfo
) -> Iterator[Mistake]:
    """What is wrong with a file whose form is right. `known`: the ward's staff by sign-in address."""
    for number, entry in enumerate(people.contacts, start=1):
        place = f"contact {number}"
        yield from _unknown(file, place, entry.staff, known)
        yield from _unreachable(file, place, entry, channels)
    for number, theirs in enumerate(people.patient_contacts or (), start=1):
        yield from _unreachable(file, f"patient contact {number}", theirs, channels)
    for number, shift in enumerate(people.shifts, start=1):
        place = f"shift {number}"
        yield from _unknown(file, place, shift.staff, known)
        if shift.cover_for is not None:
            yield from _unknown(file, place, shift.cover_for, known)
            if shift.cover_for.lower() == shift.staff.lower():
                yield Mistake(file=file, place=place, what="nobody covers for themselves")
        if _in_zone(shift.end, zone) <= _in_zone(shift.begin, zone):
            yield Mistake(file=file, place=place, what="ends before it begins")


def _unreachable(
    file: str, place: str, entry: ContactEntry | PatientContactEntry, channels: Mapping[str, Channel]
) -> Iterator[Mistake]:
    channel = channels.get(entry.channel)
    if channel is None:
        what = f"no channel {entry.channel!r}"
        yield Mistake(file=file, place=place, what=what, meant=near(entry.channel, channels))
        return
    wrong = channel.address_mistake(entry.address)
    if wrong is not None:
        yield Mistake(file=file, place=place, what=f"the address {wrong}")


def _unknown(file: str, place: str, email: str, known: Mapping[str, Staff]) -> Iterator[Mistake]:
    if email.lower() not in known:
        yield Mistake(file=file, place=place, what=f"no staff {email!r}", meant=near(email, known))


def _in_zone(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(tzinfo=zone) if at.tzinfo is None else at


def put_in_place(
    connection: Connection,
    path: Path,
    ward_id: str,
    channels: Mapping[str, Channel],
    *,
    author: str,
    now: datetime,
) -> PeopleFile:
    """Make the file's contacts and shifts the ward's. Raises BrokenPolicy with every mistake; then nothing
    was changed.
    """
    people, mistakes = read(path)
    known = {person.email.lower(): person for person in staff.ward_staff(connection, ward_id)}
    zone = ZoneInfo(rota.time_zones(connection)[ward_id])
    mistakes += mistakes_in(people, path.name, known, channels, zone)
    patients: dict[str, PatientId] = {}
    for number, entry in enumerate(people.patient_contacts or (), start=1):
        patient_id = patient_by_record_number(connection, entry.record_number, ward_id)
        if patient_id is None:
            what = f"no patient of this ward has the record number {entry.record_number!r}"
            mistakes.append(Mistake(file=path.name, place=f"patient contact {number}", what=what))
        else:
            patients[entry.record_number] = patient_id
    if mistakes:
        raise BrokenPolicy(mistakes)

    def who(email: str) -> StaffId:
        return known[email.lower()].staff_id

    with transaction(connection):
        kept = [
            contacts.add(connection, who(entry.staff), entry.channel, entry.address, position=position)
            for position, entry in enumerate(people.contacts, start=1)
        ]
        contacts.keep_only(connection, ward_id, kept, now)
        if people.patient_contacts is not None:
            _put_patients(connection, people.patient_contacts, patients, ward_id, now)
        rota.forget_coming(connection, ward_id, now)
        for shift in people.shifts:
            rota.add(
                connection,
                ward_id,
                shift.duty,
                who(shift.staff),
                starts_at=_in_zone(shift.begin, zone),
                ends_at=_in_zone(shift.end, zone),
                cover_for=who(shift.cover_for) if shift.cover_for else None,
                author=author,
                now=now,
            )
    return people


def _put_patients(
    connection: Connection,
    entries: Sequence[PatientContactEntry],
    patients: Mapping[str, PatientId],
    ward_id: str,
    now: datetime,
) -> None:
    kept = [
        patient_contacts.add(
            connection,
            patients[entry.record_number],
            entry.audience,
            entry.channel,
            entry.address,
            position=position,
        )
        for position, entry in enumerate(entries, start=1)
    ]
    patient_contacts.keep_only(connection, ward_id, kept, now)
