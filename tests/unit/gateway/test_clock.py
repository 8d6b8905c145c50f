"""How far a device's clock is from the wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.gatt import current_time, date_time
from gateway import clock

SUMMER = datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("characteristic", "encode"), [("2a08", date_time.encode_clock), ("2a2b", current_time.encode_clock)]
)
def test_the_offset_is_what_must_be_added_to_the_devices_time(characteristic: str, encode: object) -> None:
    assert callable(encode)
    slow = encode(SUMMER - timedelta(hours=1))
    assert clock.offset(characteristic, slow, SUMMER) == timedelta(hours=1)


@given(data=st.binary(max_size=12))
def test_any_bytes_give_an_offset_or_none(data: bytes) -> None:
    for characteristic in ("2a08", "2a2b", "2a35"):
        found = clock.offset(characteristic, data, SUMMER)
        assert found is None or isinstance(found, timedelta)


def test_a_clock_that_was_never_set_tells_no_offset() -> None:
    assert clock.offset("2a08", bytes(7), SUMMER) is None
