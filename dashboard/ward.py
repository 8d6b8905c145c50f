"""What staff do to the ward's equipment: quarantine, gateways, devices, whose they are. Done, or refused."""

from datetime import datetime

from pydantic import BaseModel, Field

from dashboard.access import EQUIPPING
from dashboard.triage import NotDone, Why
from dashboard.words import say
from device_profiles.catalog import PROFILES
from ingest import review
from ingest.rejection import Rejection
from store import assignment_ends, devices, gateways, quarantine
from store.connection import Connection
from store.errors import DataRefused
from store.population import patient_by_record_number
from store.staff import Staff
from vitals.ids import DeviceId, GatewayId, PatientId
from vitals.patient import Assignment

_ID = r"^[A-Za-z0-9_-]{1,64}$"


class EnrolGateway(BaseModel):
    """A gateway's id as it is set in the box, and where it stands."""

    gateway_id: str = Field(pattern=_ID)
    label: str = Field(default="", max_length=120)


class EnrolDevice(BaseModel):
    """A device: its id, which model it is, and the gateway that it is bonded to."""

    device_id: str = Field(pattern=_ID)
    profile: str
    gateway_id: str = Field(pattern=_ID)
    label: str = Field(default="", max_length=120)


class Give(BaseModel):
    """Whose the device becomes; `slot` where it keeps several people apart."""

    record_number: str = Field(min_length=1, max_length=60)
    slot: int | None = Field(default=None, ge=0, le=255)


def _refused(sentence: str) -> NotDone:
    return NotDone(why=Why.REFUSED, sentence=say(sentence))


def _patient(connection: Connection, me: Staff, record_number: str) -> PatientId | None:
    return patient_by_record_number(connection, record_number.strip(), me.ward_id)


def quarantine_seen(me: Staff) -> quarantine.Seen:
    """What somebody may see of the quarantine: what is no ward's only who enrols devices."""
    return quarantine.Seen(ward_id=me.ward_id, nobodys=me.role in EQUIPPING)


def decide_quarantine(
    connection: Connection,
    quarantine_id: int,
    me: Staff,
    now: datetime,
    deed: str,
    *,
    why: str,
    record_number: str,
) -> NotDone | None:
    """Release, reassign or discard. What still cannot be admitted stays, with the reason in words."""
    if not quarantine.is_seen(connection, quarantine_id, quarantine_seen(me)):
        return NotDone(why=Why.UNKNOWN, sentence=say("There is no such reading on your ward."))
    if deed == "discard":
        done = review.discard(connection, quarantine_id, by=me.staff_id, why=why, now=now)
        return None if done else _refused("Somebody decided this already.")
    try:
        if deed == "reassign":
            patient_id = _patient(connection, me, record_number)
            if patient_id is None:
                return _refused("No patient of your ward has this record number.")
            verdict = review.reassign(connection, quarantine_id, patient_id, by=me.staff_id, why=why, now=now)
        else:
            verdict = review.release(connection, quarantine_id, by=me.staff_id, why=why, now=now)
    except DataRefused:
        return _refused("The database refuses this reading.")
    if verdict is None:
        return _refused("Somebody decided this already.")
    return _refused(verdict.detail) if isinstance(verdict, Rejection) else None


def enrol_gateway(connection: Connection, now: datetime, fields: EnrolGateway) -> NotDone | None:
    """Let the hub take readings from this gateway."""
    gateway_id = GatewayId(fields.gateway_id)
    if gateways.listed(connection, [gateway_id]):
        return _refused("This gateway is enrolled already.")
    gateways.add(connection, gateway_id, label=fields.label.strip(), enrolled_at=now)
    return None


def enrol_device(connection: Connection, now: datetime, fields: EnrolDevice) -> NotDone | None:
    """Let the hub take readings of this device through its gateway."""
    gateway_id, device_id = GatewayId(fields.gateway_id), DeviceId(fields.device_id)
    if fields.profile not in {profile.name for profile in PROFILES}:
        return _refused("Choose the model from the list.")
    if not gateways.listed(connection, [gateway_id]):
        return _refused("Enrol the gateway first.")
    if devices.listed(connection, device_ids=[device_id]):
        return _refused("This device is enrolled already.")
    devices.add(
        connection, device_id, gateway_id=gateway_id, profile=fields.profile, label=fields.label.strip(),
        enrolled_at=now,
    )  # fmt: skip
    return None


def assign_device(
    connection: Connection, device_id: DeviceId, me: Staff, now: datetime, fields: Give
) -> NotDone | None:
    """Give the device, or one slot of it, to a patient from now on."""
    patient_id = _patient(connection, me, fields.record_number)
    if patient_id is None:
        return _refused("No patient of your ward has this record number.")
    if not devices.listed(connection, device_ids=[device_id]):
        return _refused("There is no such device.")
    assignment = Assignment(
        device_id=device_id, patient_id=patient_id, user_slot=fields.slot, starts_at=now, ends_at=None
    )
    try:
        devices.assign(connection, assignment)
    except DataRefused:
        return _refused("It belongs to somebody already: end that first.")
    return None


def end_device(
    connection: Connection, device_id: DeviceId, slot: int | None, me: Staff, now: datetime
) -> NotDone | int:
    """From now on the device, or the slot, is nobody's; the end's id, which takes it back."""
    ended = assignment_ends.end(connection, device_id, slot, ward_ids=me.ward_ids, author=me.staff_id, at=now)
    return _refused("It is nobody's of your ward.") if ended is None else ended


def undo_end(
    connection: Connection, device_id: DeviceId, end_id: int, me: Staff, now: datetime
) -> NotDone | None:
    """The device is its patient's as if the assignment had never ended."""
    try:
        undone = assignment_ends.undo(
            connection, device_id, end_id, ward_ids=me.ward_ids, author=me.staff_id, at=now
        )
    except DataRefused:
        return _refused("It belongs to somebody already: end that first.")
    return None if undone else _refused("It stands so already.")
