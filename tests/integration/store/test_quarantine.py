"""The quarantine keeps what was refused, once, until one person decides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from store import devices, gateways, patients, quarantine
from store.connection import Connection
from store.quarantine import Place, Refused, Resolution, Scope, Seen
from tests.harness.small_ward import ENROLLED, HOME, OTHER_HOME, SCALE, WARD, patient
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.patient import Assignment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def refused(name: str, *, minutes: int = 0, gateway_id: GatewayId = HOME) -> Refused:
    return Refused(
        scope=Scope.READING,
        body=f'{{"id":"{name}"}}'.encode(),
        reason="implausible" if minutes % 2 else "unassigned",
        detail="weight 3000 kg",
        arrived_at=NOON + timedelta(minutes=minutes),
        wire_version=1,
        gateway_id=gateway_id,
        outbox_epoch="e1",
        outbox_seq=minutes + 1,
        device_id=DeviceId("cuff-1"),
        reading_id=ReadingId(name),
    )


def test_what_was_refused_comes_back_as_it_came(connection: Connection) -> None:
    quarantine.add(connection, [refused("r1")])
    (item,) = quarantine.open_items(connection)
    assert (item.scope, item.body, item.reason) == (Scope.READING, b'{"id":"r1"}', "unassigned")
    assert (item.gateway_id, item.outbox_epoch, item.outbox_seq) == (HOME, "e1", 1)
    assert (item.device_id, item.reading_id, item.wire_version) == ("cuff-1", "r1", 1)
    assert (item.arrived_at, item.resolved_at, item.resolution) == (NOON, None, None)


def test_the_same_body_of_the_same_gateway_is_kept_once_even_after_it_was_resolved(
    connection: Connection,
) -> None:
    quarantine.add(connection, [refused("r1"), refused("r1", minutes=2)])
    (item,) = quarantine.open_items(connection)
    quarantine.resolve(connection, item.quarantine_id, Resolution.DISCARDED, by="s-1", why="test", at=NOON)
    quarantine.add(connection, [refused("r1", minutes=4)])
    assert quarantine.open_items(connection) == []
    quarantine.add(connection, [refused("r1", gateway_id=GatewayId("gw-2"))])
    assert len(quarantine.open_items(connection)) == 1


def test_pages_go_newest_first_without_gap_or_repetition(connection: Connection) -> None:
    quarantine.add(connection, [refused(f"r{n}", minutes=n // 2) for n in range(9)])
    seen: list[int] = []
    after: Place | None = None
    while page := quarantine.open_items(connection, after=after, limit=2):
        seen += [item.quarantine_id for item in page]
        after = Place(arrived_at=page[-1].arrived_at, quarantine_id=page[-1].quarantine_id)
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 9
    assert len(quarantine.open_items(connection, reason="implausible")) == 4
    assert quarantine.count_open(connection) == {"implausible": 4, "unassigned": 5}


def test_the_first_decision_stands(connection: Connection) -> None:
    quarantine.add(connection, [refused("r1")])
    (item,) = quarantine.open_items(connection)
    ours = quarantine.resolve(
        connection, item.quarantine_id, Resolution.RELEASED, by="s-1", why="checked by phone", at=NOON
    )
    theirs = quarantine.resolve(
        connection, item.quarantine_id, Resolution.DISCARDED, by="s-2", why="nonsense", at=NOON
    )
    assert (ours, theirs) == (True, False)
    kept = quarantine.get(connection, item.quarantine_id)
    assert kept is not None
    assert (kept.resolution, kept.resolved_by, kept.resolved_why) == (
        Resolution.RELEASED,
        "s-1",
        "checked by phone",
    )
    assert quarantine.get(connection, 999_999) is None


def test_each_ward_sees_its_own_and_only_who_enrols_devices_what_is_nobodys(connection: Connection) -> None:
    """Anna's scale is ward one's, and what else comes from her home; other homes are nobody's."""
    patients.add_ward(connection, "ward-2", name="Ward Two", time_zone="Europe/Berlin")
    who = replace(patient(PatientId("p-far"), "Far", "Away"), ward_id="ward-2")
    patients.add(connection, who, enrolled_at=ENROLLED)
    gateways.add(connection, GatewayId("gw-far"), label="Far", enrolled_at=ENROLLED)
    far = DeviceId("scale-far")
    devices.add(connection, far, gateway_id=GatewayId("gw-far"), profile="ble_weight", enrolled_at=ENROLLED)
    theirs = Assignment(
        device_id=far, patient_id=who.patient_id, user_slot=None, starts_at=ENROLLED, ends_at=None
    )
    devices.assign(connection, theirs)
    sent = {
        "ours": (HOME, SCALE), "our home": (HOME, None), "far": (None, far), "far home": ("gw-far", None),
        "nobody's": (OTHER_HOME, DeviceId("d-new")), "unreadable": (None, None),
    }  # fmt: skip
    for name, (gateway_id, device_id) in sent.items():
        one = Refused(
            scope=Scope.READING, body=name.encode(), reason="test", detail="", arrived_at=NOON,
            gateway_id=None if gateway_id is None else GatewayId(gateway_id), device_id=device_id,
        )  # fmt: skip
        quarantine.add(connection, [one])

    def seen(ward_id: str, *, nobodys: bool) -> set[str]:
        who = Seen(ward_id=ward_id, nobodys=nobodys)
        found = quarantine.open_items(connection, seen=who)
        assert quarantine.count_open(connection, who) == {"test": len(found)}
        assert all(quarantine.is_seen(connection, one.quarantine_id, who) for one in found)
        return {one.body.decode() for one in found}

    assert seen(WARD, nobodys=False) == {"ours", "our home"}
    assert seen("ward-2", nobodys=False) == {"far", "far home"}
    assert seen("ward-2", nobodys=True) == {"far", "far home", "nobody's", "unreadable"}
    ours = next(one for one in quarantine.open_items(connection) if one.body == b"ours")
    assert not quarantine.is_seen(connection, ours.quarantine_id, Seen(ward_id="ward-2", nobodys=True))
