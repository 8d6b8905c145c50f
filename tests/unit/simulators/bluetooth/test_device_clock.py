"""The clock inside an instrument."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bumble import att

from device_profiles.gatt import current_time, date_time
from simulators.bluetooth.memory import InstrumentMemory
from simulators.bluetooth.peripherals.device_clock import DeviceClock

NOON = datetime(2026, 7, 1, 12, 0, 0, 400_000, tzinfo=UTC)


class Wall:
    """The world's clock, which a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def clock_on(wall: Wall) -> DeviceClock:
    return DeviceClock(InstrumentMemory(), now=wall, zone=ZoneInfo("Europe/Berlin"), save=lambda: None)


def test_it_shows_the_wall_clock_of_the_home() -> None:
    assert clock_on(Wall()).time().text == "2026-07-01T14:00:00"


def test_a_wrong_clock_stays_wrong_and_runs_on() -> None:
    wall = Wall()
    clock = clock_on(wall)
    clock.disturb(timedelta(hours=-7))
    assert clock.time().text == "2026-07-01T07:00:00"
    wall.now += timedelta(minutes=1)
    assert clock.time().text == "2026-07-01T07:01:00"


def test_a_clock_that_was_never_set_says_zeros() -> None:
    clock = clock_on(Wall())
    clock.disturb(None)
    assert clock.time().text == "0000-00-00T00:00:00"
    assert clock.time().moment is None


@pytest.mark.parametrize("standard", [date_time, current_time])
def test_setting_it_puts_it_right(standard: object) -> None:
    wall = Wall()
    clock = clock_on(wall)
    clock.disturb(None)
    right = datetime(2026, 7, 1, 14, 0, 0)  # noqa: DTZ001  # a wall clock has no zone
    if standard is date_time:
        clock.set_date_time(date_time.encode_clock(right))
    else:
        clock.set_current_time(current_time.encode_clock(right))
    wall.now += timedelta(seconds=30)
    assert clock.time().text == "2026-07-01T14:00:30"


@pytest.mark.parametrize("said", ["", "ea07", "ea07 0d 28 08 00 00", "0000 00 00 08 00 00"])
def test_no_time_is_refused_as_ignored(said: str) -> None:
    clock = clock_on(Wall())
    with pytest.raises(att.ATT_Error) as refused:
        clock.set_date_time(bytes.fromhex(said))
    assert refused.value.error_code == 0x80
    assert clock.time().text == "2026-07-01T14:00:00"
