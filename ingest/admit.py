"""Ingest's verdict on one reading: admitted, with whose it is, or rejected, with the reason. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingest.rejection import Reason, Rejection
from ingest.unpack import Part, Unpacked
from store.devices import Device, assigned_patient
from store.gateways import Gateway
from store.readings import AdmittedReading
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.instants import corrected
from vitals.measure import SPECS, Measure, plausible
from vitals.observation import Standing
from vitals.patient import Assignment
from vitals.reading import ClockState, Origin, Quality, Reading
from wire.messages import WireReading

# Clinical data quality: systolic above diastolic, and a pulse pressure below this is an artefact.
LEAST_PULSE_PRESSURE_MMHG = 10.0

_VOCABULARY: dict[str, frozenset[str]] = {
    "measure": frozenset(Measure),
    "quality": frozenset(Quality),
    "clock": frozenset(ClockState),
    "origin": frozenset(Origin),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the hub knows of everything that a batch speaks of. `stored`: reading ids and who said them."""

    gateways: Mapping[GatewayId, Gateway]
    devices: Mapping[DeviceId, Device]
    assignments: Mapping[DeviceId, Sequence[Assignment]]
    stored: Mapping[ReadingId, DeviceId]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyStored:
    """A verdict: the hub has this reading; it is acknowledged again and changes nothing."""

    reading_id: ReadingId


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A person answers for a quarantined reading: it is real, whatever its values, its sender or its device's
    bond say; and with `patient_id` set, it is that patient's.
    """

    patient_id: PatientId | None


Verdict = AdmittedReading | AlreadyStored | Rejection


def admit(
    part: Part,
    message: Unpacked,
    sender: GatewayId,
    known: Known,
    *,
    arrived_at: datetime,
    decided: Decided | None = None,
) -> Verdict:
    """The verdict on one reading of a message that came by the topic of `sender`."""
    if part.refusal is not None:
        return part.refusal
    reading = part.reading
    assert reading is not None, "a part without a refusal has a reading"
    refusal = _sender_refusal(message, sender, known) if decided is None else None
    if refusal is not None:
        return refusal
    said_by = known.stored.get(ReadingId(reading.id))
    if said_by == reading.device:
        return AlreadyStored(reading_id=ReadingId(reading.id))
    if said_by is not None:
        return _reject(Reason.ID_TAKEN, f"Device {said_by} said a reading of this id. Check both devices.")
    refusal = _device_refusal(reading, sender, known, decided) or _word_refusal(reading)
    if refusal is None:
        refusal = _value_refusal(reading, vouched=decided is not None)
    if refusal is not None:
        return refusal
    return _attributed(reading, message, sender, known, arrived_at, decided)


def _reject(reason: Reason, detail: str) -> Rejection:
    return Rejection(reason=reason, detail=detail)


def _sender_refusal(message: Unpacked, sender: GatewayId, known: Known) -> Rejection | None:
    if message.gateway_id != sender:
        return _reject(
            Reason.FOREIGN_GATEWAY,
            f"Gateway {sender} sent it in the name of another. Check that gateway before you release this.",
        )
    gateway = known.gateways.get(sender)
    if gateway is None:
        return _reject(Reason.UNKNOWN_GATEWAY, f"Enrol gateway {sender}; then release this.")
    if not gateway.active:
        return _reject(
            Reason.INACTIVE_GATEWAY, f"Gateway {sender} was switched off. Switch it on, or release this."
        )
    return None


def _device_refusal(
    reading: WireReading, sender: GatewayId, known: Known, decided: Decided | None
) -> Rejection | None:
    device = known.devices.get(DeviceId(reading.device))
    if device is None:
        return _reject(Reason.UNKNOWN_DEVICE, f"Enrol device {reading.device}; then release this.")
    if device.gateway_id != sender and decided is None:
        return _reject(
            Reason.FOREIGN_DEVICE,
            f"Device {reading.device} is not bonded to gateway {sender}. Move it there, or release this.",
        )
    return None


def _word_refusal(reading: WireReading) -> Rejection | None:
    said = {
        "measure": reading.values,
        "quality": reading.quality,
        "clock": [reading.clock],
        "origin": [reading.origin],
    }
    for what, words in said.items():
        for word in words:
            if word not in _VOCABULARY[what]:
                return _reject(
                    Reason.UNKNOWN_WORD,
                    f"This hub does not know the {what} {word[:40]!r}. Update the hub; then release this.",
                )
    try:
        bytes.fromhex(reading.raw)
    except ValueError:
        return _reject(Reason.UNDECODABLE, "Its frame is not hex. Update the gateway; then discard this.")
    return None


def _value_refusal(reading: WireReading, *, vouched: bool) -> Rejection | None:
    if reading.failure is not None and reading.values:
        return _reject(
            Reason.CONTRADICTORY, "It failed and has values. Update the gateway; then discard this."
        )
    if reading.failure is None and not reading.values:
        return _reject(
            Reason.EMPTY, "It has no values and did not fail. Update the gateway; then discard this."
        )
    if vouched:
        return None
    for word, value in reading.values.items():
        if not plausible(Measure(word), value):
            return _reject(
                Reason.IMPLAUSIBLE,
                f"{word} {value:g} {SPECS[Measure(word)].display_unit} cannot be physiology. Discard this, "
                "or release it where you know better.",
            )
    systolic, diastolic = reading.values.get(Measure.SYSTOLIC), reading.values.get(Measure.DIASTOLIC)
    if systolic is not None and diastolic is not None and systolic - diastolic < LEAST_PULSE_PRESSURE_MMHG:
        return _reject(
            Reason.IMPLAUSIBLE,
            f"{systolic:g}/{diastolic:g} mmHg has too small a pulse pressure. Discard this, or release it "
            "where you know better.",
        )
    return None


def _attributed(
    reading: WireReading,
    message: Unpacked,
    sender: GatewayId,
    known: Known,
    arrived_at: datetime,
    decided: Decided | None,
) -> AdmittedReading | Rejection:
    instants = corrected(
        reading.measured_at,
        reading.received_at,
        ClockState(reading.clock),
        sent_at=message.sent_at,
        arrived_at=arrived_at,
    )
    device_id = DeviceId(reading.device)
    patient_id = decided.patient_id if decided is not None else None
    if patient_id is None:
        assigned = known.assignments.get(device_id, ())
        patient_id = assigned_patient(assigned, device_id, reading.user_slot, instants.measured_at)
    if patient_id is None and reading.failure is None:
        slot = "" if reading.user_slot is None else f", user slot {reading.user_slot},"
        return _reject(
            Reason.UNASSIGNED,
            f"Device {device_id}{slot} was nobody's when this was measured. Give it to a patient, or "
            "discard it.",
        )
    return AdmittedReading(
        reading=Reading(
            reading_id=ReadingId(reading.id),
            device_id=device_id,
            profile=reading.profile,
            measured_at=instants.measured_at,
            received_at=instants.received_at,
            device_time=reading.device_time,
            clock=instants.clock,
            origin=Origin(reading.origin),
            user_slot=reading.user_slot,
            values={Measure(word): value for word, value in reading.values.items()},
            quality=frozenset(Quality(word) for word in reading.quality) | instants.flags,
            failure=reading.failure,
            raw=bytes.fromhex(reading.raw),
        ),
        patient_id=patient_id,
        standing=_standing(reading.quality, decided),
        gateway_id=sender if sender in known.gateways else None,
        outbox_epoch=message.epoch,
        outbox_seq=reading.seq,
    )


def _standing(quality: Sequence[str], decided: Decided | None) -> Standing:
    """Held until a nurse confirms it, where only constructed bytes stand behind the device's profile."""
    unproven = Quality.EXPERIMENTAL in quality and decided is None
    return Standing.HELD if unproven else Standing.ACCEPTED
