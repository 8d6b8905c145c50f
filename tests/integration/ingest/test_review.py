"""A person decides about the quarantine: what is released or given to somebody becomes observations."""

from datetime import datetime, timedelta

import msgspec
import pytest

from ingest import batch, review
from ingest.admit import AlreadyStored
from ingest.rejection import Reason, Rejection
from store import devices, gateways, observations, quarantine
from store.connection import Connection
from store.errors import DataRefused
from store.quarantine import QuarantineItem, Resolution
from store.readings import AdmittedReading
from tests.harness.home import NOON, cuff_reading, message
from tests.harness.small_ward import ANNA, BERT, CUFF, HOME, assign
from vitals.ids import DeviceId, PatientId
from vitals.reading import Quality
from wire import topics
from wire.broker import Message
from wire.messages import WireReading

LATER = NOON + timedelta(minutes=10)


def refused(connection: Connection, *readings: WireReading | bytes, version: int = 1) -> list[QuarantineItem]:
    """What these readings leave in the quarantine, when ingest gets them at noon; newest first."""
    came = Message(
        topic=topics.readings(HOME),
        payload=message(readings, version=version),
        retained=False,
        duplicate=False,
        generation=1,
        mid=1,
        qos=1,
    )
    batch.commit(connection, [came], now=NOON)
    return quarantine.open_items(connection)


def due(connection: Connection) -> list[tuple[str, datetime]]:
    return connection.execute("SELECT patient_id, earliest_at FROM evaluations_due ORDER BY 1").fetchall()


def test_an_unassigned_reading_given_to_a_person_is_theirs_and_is_evaluated(connection: Connection) -> None:
    (item,) = refused(connection, cuff_reading(1, user_slot=9))
    said = review.said(item)
    assert said is not None
    assert said.values == {"systolic": 128.0, "diastolic": 79.0}
    found = review.reassign(
        connection, item.quarantine_id, BERT, by="s-1", why="he pressed the wrong key", now=LATER
    )
    assert isinstance(found, AdmittedReading)
    assert [o.value for o in observations.history(connection, BERT, since=NOON)] == [79.0, 128.0]
    assert due(connection) == [(BERT, NOON)]
    kept = quarantine.get(connection, item.quarantine_id)
    assert kept is not None
    assert (kept.resolution, kept.resolved_by, kept.resolved_at) == (Resolution.REASSIGNED, "s-1", LATER)
    assert kept.body == item.body


def test_a_second_person_who_decides_the_same_item_changes_nothing(connection: Connection) -> None:
    (item,) = refused(connection, cuff_reading(1, user_slot=9))
    review.reassign(connection, item.quarantine_id, BERT, by="s-1", why="his", now=LATER)
    assert review.reassign(connection, item.quarantine_id, ANNA, by="s-2", why="hers", now=LATER) is None
    assert not review.discard(connection, item.quarantine_id, by="s-2", why="noise", now=LATER)
    assert observations.history(connection, ANNA, since=NOON) == []


def test_an_implausible_reading_is_released_to_whom_the_device_belonged(connection: Connection) -> None:
    (item,) = refused(connection, cuff_reading(1, values={"systolic": 305.0, "diastolic": 150.0}))
    found = review.release(connection, item.quarantine_id, by="s-1", why="confirmed by phone", now=LATER)
    assert isinstance(found, AdmittedReading)
    assert found.patient_id == ANNA
    assert [o.value for o in observations.history(connection, ANNA, since=NOON)] == [150.0, 305.0]


def test_what_still_cannot_be_stored_comes_back_with_the_reason_and_stays_open(
    connection: Connection,
) -> None:
    (item,) = refused(connection, cuff_reading(1, device="stranger"))
    found = review.release(connection, item.quarantine_id, by="s-1", why="it is ours", now=LATER)
    assert isinstance(found, Rejection)
    assert found.reason is Reason.UNKNOWN_DEVICE
    assert quarantine.count_open(connection) == {"unknown_device": 1}
    devices.add(
        connection, DeviceId("stranger"), gateway_id=None, profile="ble_blood_pressure", enrolled_at=NOON
    )
    found = review.reassign(connection, item.quarantine_id, ANNA, by="s-1", why="enrolled now", now=LATER)
    assert isinstance(found, AdmittedReading)
    assert quarantine.count_open(connection) == {}


def test_a_reading_of_a_gateway_that_was_switched_off_can_be_released(connection: Connection) -> None:
    gateways.set_active(connection, HOME, active=False)
    (item,) = refused(connection, cuff_reading(1))
    assert item.reason == "inactive_gateway"
    found = review.release(connection, item.quarantine_id, by="s-1", why="by mistake", now=LATER)
    assert isinstance(found, AdmittedReading)
    assert len(observations.history(connection, ANNA, since=NOON)) == 2


def test_an_outbox_number_that_came_twice_is_released_beside_the_first(connection: Connection) -> None:
    (item,) = refused(connection, cuff_reading(1), cuff_reading(2, seq=1))
    assert item.reason == "refused_by_store"
    found = review.release(connection, item.quarantine_id, by="s-1", why="both are real", now=LATER)
    assert isinstance(found, AdmittedReading)
    assert len(observations.history(connection, ANNA, since=NOON)) == 4


def test_what_is_released_more_than_a_day_later_is_marked_late(connection: Connection) -> None:
    (item,) = refused(connection, cuff_reading(1, user_slot=9))
    review.reassign(
        connection, item.quarantine_id, ANNA, by="s-1", why="hers", now=NOON + timedelta(hours=25)
    )
    history = observations.history(connection, ANNA, since=NOON)
    assert {o.quality for o in history} == {frozenset({Quality.LATE})}


def test_a_reading_that_was_stored_meanwhile_is_not_stored_again(connection: Connection) -> None:
    (item,) = refused(connection, cuff_reading(1, user_slot=9))
    connection.execute("DELETE FROM assignments")  # the cuff is given to Anna as a whole, in hindsight
    assign(connection, CUFF, ANNA)
    refused(connection, cuff_reading(1, user_slot=9))
    found = review.reassign(connection, item.quarantine_id, BERT, by="s-1", why="his", now=LATER)
    assert isinstance(found, AlreadyStored)
    assert observations.history(connection, BERT, since=NOON) == []


def test_a_message_or_an_unknown_version_can_only_be_discarded(connection: Connection) -> None:
    (message_item,) = refused(connection, version=2)
    assert review.said(message_item) is None
    newest, _message = refused(connection, msgspec.json.encode(cuff_reading(1)), version=2)
    for item, reason in ((message_item, Reason.UNDECODABLE), (newest, Reason.UNKNOWN_VERSION)):
        found = review.reassign(connection, item.quarantine_id, ANNA, by="s-1", why="hers", now=LATER)
        assert isinstance(found, Rejection)
        assert found.reason is reason
        assert review.discard(connection, item.quarantine_id, by="s-1", why="noise", now=LATER)
    assert quarantine.open_items(connection) == []


def test_a_patient_who_does_not_exist_leaves_the_item_open(connection: Connection) -> None:
    (item,) = refused(connection, cuff_reading(1, user_slot=9))
    with pytest.raises(DataRefused):
        review.reassign(
            connection, item.quarantine_id, PatientId("nobody"), by="s-1", why="whose?", now=LATER
        )
    assert quarantine.count_open(connection) == {"unassigned": 1}
