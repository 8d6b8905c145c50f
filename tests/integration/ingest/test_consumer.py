"""What a home says ends in a table, once, and the home is told which."""

from collections.abc import Callable
from datetime import timedelta

import msgspec

from store import completeness, devices, gateways, heartbeats, observations, quarantine, readings
from store.connection import Connection
from store.quarantine import Scope
from tests.harness.home import NOON, Home, cuff_reading, message
from tests.harness.small_ward import ANNA, BERT, CUFF, HOME, SCALE, assign
from tests.harness.waiting import stays_so, wait_until
from vitals.reading import Quality
from wire.messages import DeviceStatus, GatewayStatus


def count(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def reasons(connection: Connection) -> dict[str | None, str]:
    return {item.reading_id: item.reason for item in quarantine.open_items(connection)}


def test_a_reading_is_stored_and_only_then_acknowledged(connection: Connection, home: Home) -> None:
    home.send(cuff_reading(1), cuff_reading(2, user_slot=2))
    home.wait_for("r1", "r2")
    assert home.stored == {"r1", "r2"}
    assert [o.value for o in observations.history(connection, ANNA, since=NOON)] == [79.0, 128.0]
    assert {o.reading_id for o in observations.history(connection, BERT, since=NOON)} == {"r2"}
    assert count(connection, "evaluations_due") == 2
    assert completeness.gaps(connection) == []


def test_a_replay_is_acknowledged_again_and_changes_nothing(connection: Connection, home: Home) -> None:
    home.send(cuff_reading(1))
    home.wait_for("r1")
    connection.execute("DELETE FROM evaluations_due")
    stored_at = connection.execute("SELECT stored_at FROM readings").fetchone()
    home.stored.clear()
    home.send(cuff_reading(1), cuff_reading(2))
    home.send(cuff_reading(1, seq=3, values={"systolic": 222.0}))
    home.wait_for("r1", "r2")
    wait_until(lambda: completeness.counts(connection)[0].newest_seq == 3, what="the third message")
    assert count(connection, "readings") == 2
    assert count(connection, "observations") == 4
    assert (
        connection.execute("SELECT stored_at FROM readings WHERE reading_id = 'r1'").fetchone() == stored_at
    )
    assert quarantine.open_items(connection) == []
    (epoch,) = completeness.counts(connection)
    assert (epoch.arrived, epoch.newest_seq) == (3, 3)


def test_poison_in_the_middle_spoils_only_itself_whatever_kind_it_is(
    connection: Connection, home: Home
) -> None:
    home.send(
        cuff_reading(1),
        b'{"id":"shapeless","seq":2}',
        cuff_reading(3),
        cuff_reading(4, values={"systolic": 3000.0}),
        cuff_reading(5, device_time="nul\x00"),  # sound to us, and not a text to the database
        cuff_reading(6),
        cuff_reading(7, user_slot=9),
        cuff_reading(8, values={"aura": 1.0}),
        cuff_reading(9),
    )
    home.wait_for("r1", "shapeless", "r3", "r4", "r5", "r6", "r7", "r8", "r9")
    assert home.stored == {"r1", "r3", "r6", "r9"}
    told = {
        "shapeless": "undecodable",
        "r4": "implausible",
        "r5": "refused_by_store",
        "r7": "unassigned",
        "r8": "unknown_word",
    }
    assert home.quarantined == told
    assert reasons(connection) == told
    assert count(connection, "readings") == 4
    assert completeness.gaps(connection) == []


def test_poison_that_is_sent_again_is_quarantined_once_and_acknowledged_again(
    connection: Connection, home: Home
) -> None:
    for _ in range(2):
        home.quarantined.clear()
        home.send(cuff_reading(1, user_slot=9))
        home.wait_for("r1")
        assert home.quarantined == {"r1": "unassigned"}
    assert count(connection, "quarantine") == 1


def test_readings_of_an_unknown_version_wait_whole_and_are_told_apart(
    connection: Connection, home: Home
) -> None:
    home.say(message([b'{"id":"r1","shape":"new"}', b'{"id":"r2","shape":"new"}'], version=2))
    home.wait_for("r1", "r2")
    assert home.quarantined == {"r1": "unknown_version", "r2": "unknown_version"}
    kept = quarantine.open_items(connection)
    assert {item.body for item in kept} == {b'{"id":"r1","shape":"new"}', b'{"id":"r2","shape":"new"}'}
    assert {item.wire_version for item in kept} == {2}


def test_a_message_in_which_nothing_can_be_made_out_is_kept_whole_and_does_not_stop_the_rest(
    connection: Connection, home: Home
) -> None:
    home.say(b"\x00\xffnot json")
    home.send(cuff_reading(1))
    home.wait_for("r1")
    (item,) = quarantine.open_items(connection)
    assert (item.scope, item.body, item.reason) == (Scope.MESSAGE, b"\x00\xffnot json", "undecodable")
    assert item.gateway_id == HOME


def test_a_gateway_that_speaks_for_another_stores_nothing_and_gets_the_answer_itself(
    connection: Connection, home: Home, another_home: Callable[[str], Home]
) -> None:
    stranger = another_home("gw-2")
    stranger.say(message([cuff_reading(1)], gateway=HOME))
    stranger.wait_for("r1")
    assert stranger.quarantined == {"r1": "foreign_gateway"}
    stranger.send(cuff_reading(2))
    stranger.wait_for("r2")
    assert stranger.quarantined["r2"] == "foreign_device"
    (its_own,) = completeness.counts(connection)  # only the message in its own name counts as its
    assert (its_own.gateway_id, its_own.arrived, its_own.newest_seq) == ("gw-2", 1, 2)
    home.listen()
    assert home.acks == 0
    assert count(connection, "readings") == 0
    home.send(cuff_reading(1))  # the true gateway's reading is not taken for a replay
    home.wait_for("r1")
    assert home.stored == {"r1"}


def test_a_gateway_that_is_not_enrolled_or_switched_off_is_answered_and_not_stored(
    connection: Connection, home: Home, another_home: Callable[[str], Home]
) -> None:
    unknown = another_home("gw-3")
    unknown.send(cuff_reading(1))
    unknown.wait_for("r1")
    assert unknown.quarantined == {"r1": "unknown_gateway"}
    gateways.set_active(connection, HOME, active=False)
    home.send(cuff_reading(2))
    home.wait_for("r2")
    assert home.quarantined == {"r2": "inactive_gateway"}


def test_an_assignment_that_changes_hands_at_noon_divides_the_readings_at_noon(
    connection: Connection, home: Home
) -> None:
    devices.end_assignment(connection, SCALE, None, ends_at=NOON)
    assign(connection, SCALE, BERT, starts_at=NOON)
    moment = timedelta(microseconds=1)
    weight = {"device": SCALE, "user_slot": None, "values": {"weight": 80.0}}
    home.send(
        cuff_reading(1, measured_at=NOON - moment, received_at=NOON, **weight),
        cuff_reading(2, measured_at=NOON, **weight),
    )
    home.wait_for("r1", "r2")
    rows = connection.execute("SELECT reading_id, patient_id FROM readings ORDER BY 1").fetchall()
    assert rows == [("r1", ANNA), ("r2", BERT)]


def test_a_failed_measurement_is_stored_and_seen_without_values(connection: Connection, home: Home) -> None:
    home.send(cuff_reading(1, values={}, failure="cuff too loose"))
    home.wait_for("r1")
    assert home.stored == {"r1"}
    (kept,) = readings.of_patient(connection, ANNA, since=NOON)
    assert kept.failure == "cuff too loose"
    assert Quality.LATE in kept.quality  # the test's noon is long ago
    assert count(connection, "observations") == 0


def test_many_messages_are_all_stored_and_each_home_is_told_its_own(
    connection: Connection, home: Home, another_home: Callable[[str], Home]
) -> None:
    other = another_home("gw-2")
    for start in range(1, 1001, 50):
        home.send(*(cuff_reading(number) for number in range(start, start + 50)))
        other.send(*(cuff_reading(number, id=f"o{number}") for number in range(start, start + 10)))
    home.wait_for(*(f"r{number}" for number in range(1, 1001)), deadline_s=20)
    other.wait_for(*(f"o{n}" for start in range(1, 1001, 50) for n in range(start, start + 10)))
    assert (len(home.stored), home.quarantined) == (1000, {})
    assert count(connection, "readings") == 1000
    assert completeness.gaps(connection, gateway_id=HOME) == []


def test_a_status_updates_the_gateway_and_its_own_devices_only(connection: Connection, home: Home) -> None:
    home.say_status(
        GatewayStatus(
            v=1,
            gateway=HOME,
            online=True,
            at=NOON,
            outbox_waiting=4,
            devices=[
                DeviceStatus(device=CUFF, last_seen_at=NOON, battery_percent=55, clock_offset_s=1.5),
                DeviceStatus(device="stranger", battery_percent=1),
            ],
        )
    )
    wait_until(lambda: gateways.listed(connection)[0].status_at == NOON, what="the gateway's status")
    ours = gateways.listed(connection)[0]
    assert (ours.online, ours.outbox_waiting) == (True, 4)
    cuff = devices.listed(connection, device_ids=[CUFF])[0]
    assert (cuff.last_seen_at, cuff.battery_percent, cuff.clock_offset_s) == (NOON, 55, 1.5)
    home.say_status(GatewayStatus(v=1, gateway=HOME, online=False))
    wait_until(lambda: not gateways.listed(connection)[0].online, what="the gateway is offline")
    assert gateways.listed(connection)[0].outbox_waiting == 4


def test_a_status_that_is_nonsense_or_anothers_changes_nothing(connection: Connection, home: Home) -> None:
    before = gateways.listed(connection)
    home.say_status(GatewayStatus(v=1, gateway="gw-2", online=True))
    home.say_status(GatewayStatus(v=1, gateway=HOME, online=True, at=NOON.replace(tzinfo=None)))
    home.say_status(
        msgspec.structs.replace(GatewayStatus(v=1, gateway=HOME, online=True), outbox_waiting=2**40)
    )
    home.send(cuff_reading(1))
    home.wait_for("r1")
    assert gateways.listed(connection) == before


def test_ingest_says_that_it_lives(connection: Connection, home: Home) -> None:
    wait_until(lambda: [beat.process for beat in heartbeats.every(connection)] == ["ingest"], what="a beat")
    assert heartbeats.every(connection)[0].age < timedelta(seconds=10)


def test_nothing_is_acknowledged_while_the_table_is_locked(connection: Connection, home: Home) -> None:
    with connection.transaction():
        connection.execute("LOCK TABLE readings IN ACCESS EXCLUSIVE MODE")
        home.send(cuff_reading(1))
        stays_so(lambda: home.listen() or home.acks == 0, for_s=0.4, what="not acknowledged")
    home.wait_for("r1")
    assert home.stored == {"r1"}
