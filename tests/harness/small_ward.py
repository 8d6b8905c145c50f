"""A small ward in a test's database: two patients, two gateways, a cuff with user slots and a scale."""

from datetime import UTC, date, datetime

from store import devices, gateways, patients
from store.connection import Connection, transaction
from store.gateways import GatewaySaid
from vitals.ids import DeviceId, GatewayId, PatientId
from vitals.patient import Assignment, Patient, Programme, Sex

ENROLLED = datetime(2026, 1, 1, tzinfo=UTC)
WARD = "ward-1"
ANNA = PatientId("p-anna")
BERT = PatientId("p-bert")
HOME = GatewayId("gw-1")
OTHER_HOME = GatewayId("gw-2")
CUFF = DeviceId("cuff-1")
SCALE = DeviceId("scale-1")


def patient(patient_id: PatientId, given: str, family: str, *programmes: Programme) -> Patient:
    """A patient with nothing special about them."""
    return Patient(
        patient_id=patient_id,
        given_name=given,
        family_name=family,
        sex=Sex.FEMALE,
        birth_date=date(1948, 5, 17),
        record_number=f"MRN-{patient_id}",
        time_zone="Europe/Berlin",
        language="en",
        phone=None,
        programmes=programmes,
        conditions=("Heart failure",),
        allergies=None,
        ward_id=WARD,
    )


def small_ward(connection: Connection) -> None:
    """Anna has slot 1 of the cuff, Bert slot 2, and Anna the scale; all in the home of `gw-1`."""
    with transaction(connection):
        patients.add_ward(connection, WARD, name="Ward One", time_zone="Europe/Berlin")
        patients.add(
            connection,
            patient(ANNA, "Anna", "Ashdown", Programme.HEART_FAILURE, Programme.HYPERTENSION),
            enrolled_at=ENROLLED,
        )
        patients.add(connection, patient(BERT, "Bert", "Birch"), enrolled_at=ENROLLED)
        gateways.add(connection, HOME, label="Home", enrolled_at=ENROLLED)
        gateways.add(connection, OTHER_HOME, label="Other home", enrolled_at=ENROLLED)
        for home in (HOME, OTHER_HOME):
            # One that was never heard is an alert of its own.
            gateways.note(connection, GatewaySaid(gateway_id=home, online=True), now=ENROLLED)
        devices.add(connection, CUFF, gateway_id=HOME, profile="ble_blood_pressure", enrolled_at=ENROLLED)
        devices.add(connection, SCALE, gateway_id=HOME, profile="ble_weight", enrolled_at=ENROLLED)
        assign(connection, CUFF, ANNA, user_slot=1)
        assign(connection, CUFF, BERT, user_slot=2)
        assign(connection, SCALE, ANNA)


def assign(
    connection: Connection,
    device_id: DeviceId,
    patient_id: PatientId,
    *,
    user_slot: int | None = None,
    starts_at: datetime = ENROLLED,
    ends_at: datetime | None = None,
) -> None:
    """Give the device, or a slot of it, to the patient."""
    devices.assign(
        connection,
        Assignment(
            device_id=device_id,
            patient_id=patient_id,
            user_slot=user_slot,
            starts_at=starts_at,
            ends_at=ends_at,
        ),
    )
