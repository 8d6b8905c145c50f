"""What an instrument says on the air."""

import pytest
from bumble.core import AdvertisingData
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.uuids import full_uuid
from simulators.bluetooth.advert import LONGEST, Advert, AdvertTooLong, decode, encode


def heard(advert: Advert) -> Advert:
    encoded = encode(advert)
    return decode(AdvertisingData.from_bytes(encoded.data + encoded.scan_response))


def test_name_services_and_data_are_heard_as_they_were_said() -> None:
    said = Advert(
        name="UC-352",
        uuids=(full_uuid("181d"),),
        manufacturer_data={0x0157: b"\x01\x02"},
        service_data={full_uuid("181b"): b"\x03"},
    )
    assert heard(said) == Advert(
        name=said.name,
        uuids=said.uuids,
        manufacturer_data=said.manufacturer_data,
        service_data=said.service_data,
        flags=0x06,
    )


def test_a_service_of_the_makers_own_takes_its_128_bits() -> None:
    own = "49535343-fe7d-4ae5-8fa9-9fafd205e455"
    assert heard(Advert(uuids=(own,))).uuids == (own,)


@given(st.text(min_size=1, max_size=20, alphabet=st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_an_advertisement_is_never_longer_than_the_air_allows(name: str) -> None:
    encoded = encode(Advert(name=name, uuids=("1810",)))
    assert len(encoded.data) <= LONGEST
    assert encoded.scan_response == b""


def test_a_name_that_has_no_room_is_told_to_who_asks_for_more() -> None:
    name = "BLESmart_0000015F001122334455"
    encoded = encode(Advert(name=name, uuids=("1810",)))
    assert name.encode() not in encoded.data
    assert name.encode() in encoded.scan_response
    assert heard(Advert(name=name, uuids=("1810",))).name == name


def test_a_name_that_has_no_room_anywhere_is_refused_with_its_length() -> None:
    with pytest.raises(AdvertTooLong) as refused:
        encode(Advert(name="x" * 30, uuids=("1810",)))
    assert refused.value.length == 32
