"""Who scans, and for what."""

import pytest
from dbus_fast import Variant

from device_profiles.uuids import full_uuid
from simulators.bluetooth.advert import Advert
from simulators.bluetooth.bluez.discovery import Discovery, read_filter
from simulators.bluetooth.bluez.errors import BluezError

CUFF = Advert(name="HW Cuff 16", uuids=(full_uuid("1810"),))
ADDRESS = "D8:13:6E:2B:7F:16"


def wanted(advert: Advert = CUFF, rssi: int = -60, **filters: Variant) -> bool:
    discovery = Discovery()
    discovery.set_filter(":1.1", read_filter(filters))
    discovery.start(":1.1")
    return discovery.wants(advert, rssi, ADDRESS)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, True),
        ({"UUIDs": Variant("as", ["1810"])}, True),
        ({"UUIDs": Variant("as", [full_uuid("1810"), full_uuid("181d")])}, True),
        ({"UUIDs": Variant("as", [full_uuid("181d")])}, False),
        ({"UUIDs": Variant("as", [])}, True),
        ({"RSSI": Variant("n", -50)}, False),
        ({"RSSI": Variant("n", -70)}, True),
        ({"Pattern": Variant("s", "HW")}, True),
        ({"Pattern": Variant("s", "D8:13")}, True),
        ({"Pattern": Variant("s", "Omron")}, False),
    ],
)
def test_a_filter_lets_through_what_matches_all_of_it(filters: dict[str, Variant], expected: bool) -> None:
    assert wanted(**filters) is expected


def test_a_filter_without_a_session_hears_nothing() -> None:
    discovery = Discovery()
    discovery.set_filter(":1.1", read_filter({}))
    assert not discovery.wants(CUFF, -60, ADDRESS)


def test_each_client_has_one_session_of_its_own() -> None:
    discovery = Discovery()
    discovery.start(":1.1")
    discovery.start(":1.2")
    with pytest.raises(BluezError, match="InProgress"):
        discovery.start(":1.1")
    discovery.stop(":1.1")
    with pytest.raises(BluezError, match="No discovery started"):
        discovery.stop(":1.1")
    assert discovery.runs
    discovery.drop(":1.2")
    assert not discovery.runs
