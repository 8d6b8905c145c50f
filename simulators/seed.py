"""A ward worth looking at: staff, patients, devices and sixty days of history, put into an empty database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import structlog

from alerts.worker import evaluate_patients
from runtime.clock import utc_now
from simulators.chance import own_seed
from simulators.desk import Desk
from simulators.history import courses_of, readings_of
from simulators.past import breaks, own_limits, relive
from simulators.people import Instrument, Person, load_people, load_staff
from simulators.ward import Ward, load_ward
from store import alerts, devices, gateways, histories, limits, patients, pauses, quarantine, readings, staff
from store.connection import Connection, connect, transaction
from store.gateways import GatewaySaid
from store.settings import DatabaseSettings
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.patient import Assignment, Patient
from vitals.reading import Reading, reading_id
from wire.messages import VERSION, WireReading

DEMO_EMAIL = "sara.lind@hearthward.example"
DEMO_PASSWORD = "hearth-and-home"  # everybody knows it: the seeded ward is for demonstrations only
SEED = 1  # the same as the default of `hearthward simulate`, so that live readings continue the history
HISTORY = timedelta(days=60)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedReport:
    """What is in the ward after a seeding; `was_there` where it had been seeded before."""

    was_there: bool
    patients: int
    readings: int
    open_alerts: int
    closed_alerts: int


def run(settings: DatabaseSettings) -> None:
    """Seed the demo ward, or bring its history up to the present where it is there already."""
    with connect(settings.conninfo(), application="seed") as connection:
        report = seed(connection, load_ward(), now=utc_now(), seed=SEED)
    _log.info(
        "ward was there" if report.was_there else "ward seeded",
        patients=report.patients,
        readings=report.readings,
        open_alerts=report.open_alerts,
        closed_alerts=report.closed_alerts,
    )


def seed(connection: Connection, ward: Ward, *, now: datetime, seed: int) -> SeedReport:
    """Put the ward into the database, deterministic in `now` and `seed`.

    A ward that is there stays as it is, but for what its patients have measured since.
    """
    people = load_people()
    known = histories.watched(connection, [person.patient_id for person in people], now=now)
    if known:
        since = {row.patient_id: row.enrolled_at for row in known}
        with transaction(connection):
            added = sum(_catch_up(connection, ward, p, since[p.patient_id], now, seed) for p in people)
        return _report(connection, ward, was_there=True, readings_added=added)
    with transaction(connection):
        _add_team(connection, ward)
        for person in people:
            _add_person(connection, ward, person, now)
        _add_homes(connection, ward, people, now)
        _add_troubles(connection, ward, now)
        count = sum(_add_history(connection, ward, person, now, seed) for person in people)
        evaluate_patients(connection, [person.patient_id for person in people], now)
    return _report(connection, ward, was_there=False, readings_added=count)


def _report(connection: Connection, ward: Ward, *, was_there: bool, readings_added: int) -> SeedReport:
    people = load_people()
    opened = len(alerts.open_alerts(connection, ward.ward_id))
    raised = sum(len(alerts.of_patient(connection, person.patient_id)) for person in people)
    return SeedReport(
        was_there=was_there,
        patients=len(people),
        readings=readings_added,
        open_alerts=opened,
        closed_alerts=raised - opened,
    )


def device_of(ward: Ward, person: Person, instrument: Instrument) -> DeviceId:
    """The person's instrument: the live one of their simulated home, or one that is only history."""
    for home in ward.homes:
        for device in home.devices:
            if home.patient_id == person.patient_id and device.family == instrument.value:
                return device.device_id
    return DeviceId(f"d-{own_seed(0, f'{person.patient_id}/{instrument}'):016x}"[:10])


def _add_team(connection: Connection, ward: Ward) -> None:
    patients.add_ward(connection, ward.ward_id, name=ward.name, time_zone=ward.time_zone)
    password_hash = staff.hash_password(DEMO_PASSWORD)
    for member in load_staff():
        staff.add_staff(
            connection,
            staff.Staff(
                staff_id=member.staff_id,
                ward_id=ward.ward_id,
                name=member.name,
                email=member.email,
                role=member.role,
            ),
            password_hash=password_hash,
        )


def _enrolled_at(person: Person, now: datetime) -> datetime:
    return now - timedelta(days=person.enrolled_days_ago)


def _add_person(connection: Connection, ward: Ward, person: Person, now: datetime) -> None:
    patients.add(
        connection,
        Patient(
            patient_id=person.patient_id,
            given_name=person.given_name,
            family_name=person.family_name,
            sex=person.sex,
            birth_date=person.birth_date,
            record_number=person.record_number,
            time_zone=ward.time_zone,
            language=person.language,
            phone=person.phone,
            programmes=person.programmes,
            conditions=person.conditions,
            allergies=person.allergies,
            ward_id=ward.ward_id,
        ),
        enrolled_at=_enrolled_at(person, now),
        email=person.email,
        interpreter=person.interpreter,
        medicines=person.medicines,
        care_team=[
            patients.CareTeamMember(name=member.name, role=member.role, phone=member.phone)
            for member in person.care_team
        ],
    )
    for limit in own_limits(person, now):
        limits.add(
            connection,
            person.patient_id,
            limit.name,
            limit.value,
            author=limit.author,
            reason=limit.reason,
            set_at=limit.set_at,
            expires_at=limit.expires_at,
        )
    if person.pause is not None:
        (away,) = breaks(person, now)
        pauses.add(
            connection,
            person.patient_id,
            reason=person.pause.reason,
            author=person.pause.author,
            starts_at=away.starts_at,
            ends_at=away.ends_at,
        )


def _add_homes(connection: Connection, ward: Ward, people: Sequence[Person], now: datetime) -> None:
    home_of = {home.patient_id: home for home in ward.homes}
    for home in ward.homes:
        enrolled_at = min(_enrolled_at(p, now) for p in people if p.patient_id == home.patient_id)
        gateways.add(connection, home.gateway_id, label=home.label, enrolled_at=enrolled_at)
        # The past came through it; it will be heard again once it runs.
        gateways.note(connection, GatewaySaid(gateway_id=home.gateway_id, online=False), now=now)
    for person in people:
        home = home_of.get(person.patient_id)
        for instrument in person.habit.instruments:
            device_id = device_of(ward, person, instrument)
            devices.add(
                connection,
                device_id,
                gateway_id=home.gateway_id if home else None,
                profile=instrument.profile,
                label=instrument.label,
                enrolled_at=_enrolled_at(person, now),
            )
            devices.assign(
                connection,
                Assignment(
                    device_id=device_id,
                    patient_id=person.patient_id,
                    user_slot=None,
                    starts_at=_enrolled_at(person, now),
                    ends_at=None,
                ),
            )


def _add_history(connection: Connection, ward: Ward, person: Person, now: datetime, seed: int) -> int:
    since = max(now - HISTORY, _enrolled_at(person, now))
    said = _said(ward, person, since=since, until=now, seeded_at=now, seed=seed)
    _store(connection, person.patient_id, said, now)
    desk = Desk(team=load_staff(), seeded_at=now, time_zone=ZoneInfo(ward.time_zone), seed=seed)
    relive(connection, person, said, courses_of(person, now), desk)
    return len(said)


def _catch_up(
    connection: Connection, ward: Ward, person: Person, enrolled_at: datetime, now: datetime, seed: int
) -> int:
    """What the person measured while nobody ran the ward. The rules ask about it when the worker runs."""
    seeded_at = enrolled_at + timedelta(days=person.enrolled_days_ago)
    since = max(now - HISTORY, seeded_at)
    said = _said(ward, person, since=since, until=now, seeded_at=seeded_at, seed=seed)
    return len(_store(connection, person.patient_id, said, now))


def _said(
    ward: Ward, person: Person, *, since: datetime, until: datetime, seeded_at: datetime, seed: int
) -> list[Reading]:
    return readings_of(
        person,
        {instrument: device_of(ward, person, instrument) for instrument in Instrument},
        since=since,
        until=until,
        seeded_at=seeded_at,
        time_zone=ZoneInfo(ward.time_zone),
        seed=seed,
    )


def _store(
    connection: Connection, patient_id: PatientId, said: Sequence[Reading], now: datetime
) -> set[ReadingId]:
    admitted = [readings.AdmittedReading(reading=reading, patient_id=patient_id) for reading in said]
    newest_last = sorted(said, key=lambda one: one.received_at)
    devices.seen(connection, {one.device_id: one.received_at for one in newest_last}, now=now)
    return readings.store(connection, admitted, now=now, as_if_then=True)


def _add_troubles(connection: Connection, ward: Ward, now: datetime) -> None:
    """One reading that failed, and one message that nobody could attribute, as every ward has them."""
    home = ward.homes[0]
    device = home.devices[-1]
    at = (now - timedelta(hours=5, minutes=20)).replace(microsecond=0)
    failed = Reading(
        reading_id=reading_id(device.device_id, b"", at.isoformat(), at),
        device_id=device.device_id,
        profile=device.profile,
        measured_at=at,
        received_at=at,
        failure="measurement failed",
    )
    _store(connection, home.patient_id, [failed], now)
    lost = DeviceId("d-00000000")
    stranger = WireReading(
        id=reading_id(lost, b"", at.isoformat(), at),
        seq=1,
        device=lost,
        profile="standard_scale",
        measured_at=at,
        received_at=at,
        values={"weight": 81.4},
    )
    quarantine.add(
        connection,
        [
            quarantine.Refused(
                scope=quarantine.Scope.READING,
                body=msgspec.json.encode(stranger),
                reason="unknown_device",
                detail=lost,
                arrived_at=at,
                wire_version=VERSION,
                gateway_id=home.gateway_id,
                device_id=lost,
                reading_id=ReadingId(stranger.id),
            )
        ],
    )
