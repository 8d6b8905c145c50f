"""The homes of a ward are found, counted by what is wrong with them, and read a page at a time."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from store import devices, equipment, gateways, patients
from store.connection import Connection, transaction
from store.equipment import Asked, State, place_of
from tests.harness.small_ward import ANNA, BERT, ENROLLED, HOME, OTHER_HOME, SCALE, WARD, assign, patient
from vitals.ids import DeviceId, GatewayId, PatientId

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FAR = GatewayId("gw-far")


@pytest.fixture
def another_ward(connection: Connection) -> None:
    """A gateway whose only device is Zoe's, of another ward."""
    with transaction(connection):
        patients.add_ward(connection, "ward-2", name="Ward Two", time_zone="Europe/Berlin")
        zoe = replace(patient(PatientId("p-zoe"), "Zoe", "Zander"), ward_id="ward-2")
        patients.add(connection, zoe, enrolled_at=ENROLLED)
        gateways.add(connection, FAR, label="Far", enrolled_at=ENROLLED)
        devices.add(connection, DeviceId("far-1"), gateway_id=FAR, profile="ble_weight", enrolled_at=ENROLLED)
        assign(connection, DeviceId("far-1"), zoe.patient_id)


def found(connection: Connection, **asked: object) -> list[str]:
    homes = equipment.homes(connection, Asked(ward_id=WARD, **asked), NOON)  # type: ignore[arg-type]
    return [one.gateway_id for one in homes]


@pytest.mark.usefixtures("another_ward")
def test_a_home_is_found_by_gateway_device_or_patient_and_only_on_its_ward(connection: Connection) -> None:
    assert found(connection) == [HOME, OTHER_HOME]
    assert found(connection, search="OTHER") == [OTHER_HOME]
    assert found(connection, search="scale-1") == [HOME]
    assert found(connection, search="birch bert") == [HOME]
    assert found(connection, search="zander") == []
    assert found(connection, search="far") == []


def test_pages_follow_each_other_without_a_gap(connection: Connection) -> None:
    first = equipment.homes(connection, Asked(ward_id=WARD, limit=1), NOON)
    second = equipment.homes(connection, Asked(ward_id=WARD, limit=1, after=place_of(first[0])), NOON)
    assert [one.gateway_id for one in (*first, *second)] == [HOME, OTHER_HOME]
    assert equipment.homes(connection, Asked(ward_id=WARD, after=place_of(second[0])), NOON) == []


def test_what_somebody_should_see_to_is_counted_and_found(connection: Connection) -> None:
    with transaction(connection):
        connection.execute("UPDATE devices SET battery_percent = 12 WHERE device_id = %s", [SCALE])
        connection.execute("UPDATE gateways SET online = gateway_id = %s", [HOME])
        devices.add(
            connection, DeviceId("spare"), gateway_id=OTHER_HOME, profile="ble_weight", enrolled_at=ENROLLED
        )
    counts = equipment.counts(connection, WARD, NOON)
    assert counts.homes == 2
    assert counts.states == {
        State.OFFLINE: 1, State.BATTERY_LOW: 1, State.PAIRING: 0, State.CLOCK_OFF: 0, State.NOBODYS: 1,
    }  # fmt: skip
    assert found(connection, state=State.BATTERY_LOW) == [HOME]
    assert found(connection, state=State.OFFLINE) == [OTHER_HOME]
    assert found(connection, state=State.NOBODYS) == [OTHER_HOME]
    assert found(connection, state=State.CLOCK_OFF) == []


@pytest.mark.usefixtures("another_ward")
def test_of_a_patient_of_another_ward_nothing_is_told(connection: Connection) -> None:
    with transaction(connection):
        assign(connection, DeviceId("far-1"), ANNA, user_slot=1)
    homes = equipment.homes(connection, Asked(ward_id=WARD, search="far"), NOON)
    theirs = equipment.devices_of(connection, homes, loose=False)
    whole, slot = equipment.holders(connection, theirs, WARD, NOON)
    assert (whole.patient_id, whole.family_name, whole.record_number) == (None, None, None)
    assert (slot.patient_id, slot.user_slot) == (ANNA, 1)
    assert BERT not in (whole.patient_id, slot.patient_id)
