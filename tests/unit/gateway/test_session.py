"""What is asked of a device in one session, and in which order; the device is played by the test."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from device_profiles import catalog
from device_profiles.gatt import date_time
from device_profiles.profile import SessionEnd
from device_profiles.uuids import full_uuid, short_uuid
from gateway import session as sessions
from gateway.board import DeviceNotes
from gateway.radio import LinkLost, RefusedByDevice
from gateway.roster import EnrolledDevice
from gateway.session import Session
from gateway.visits import Ending
from vitals.errors import HubError
from vitals.ids import DeviceId
from vitals.measure import Measure
from vitals.reading import ClockState, Reading

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 1, 11, 0, 0, tzinfo=UTC)
LOCAL = NOW.astimezone(ZONE)
CUFF = catalog.profile("standard_cuff")
assert CUFF is not None
IMPATIENT = replace(CUFF, session_end=SessionEnd(idle=timedelta(milliseconds=20)))
DEVICE = EnrolledDevice(device_id=DeviceId("d-1"), address="D8:13:6E:2B:7F:16", profile=IMPATIENT, zone=ZONE)


def frame(taken_at: datetime) -> bytes:
    """120/80, pulse 71, dated by the device (Blood Pressure Service)."""
    return b"\x06\x78\x00\x50\x00\x5d\x00" + date_time.encode_clock(taken_at) + b"\x47\x00"


@dataclass
class PlayedLink:
    """A cuff with what it has in memory; it writes down what was asked of it."""

    frames: list[bytes] = field(default_factory=list[bytes])
    has_characteristics: frozenset[str] = frozenset({"2a35", "2a08", "2a24", "2a26"})
    clock: datetime = LOCAL
    refuses_clock: bool = False
    hangs_up: bool = True
    asked: list[str] = field(default_factory=list[str])
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    def has(self, characteristic: str, service: str | None = None) -> bool:
        return short_uuid(characteristic) in self.has_characteristics

    async def read(self, characteristic: str, service: str | None = None) -> bytes:
        self.asked.append(f"read {short_uuid(characteristic)}")
        return date_time.encode_clock(self.clock) if short_uuid(characteristic) == "2a08" else b"Model\0"

    async def write(
        self, characteristic: str, data: bytes, service: str | None = None, *, response: bool = True
    ) -> None:
        self.asked.append(f"write {short_uuid(characteristic)} {data.hex()}")
        if self.refuses_clock:
            raise RefusedByDevice(characteristic, 0x80)

    async def subscribe(self, characteristic: str, said: Callable[[bytes], None]) -> None:
        self.asked.append(f"subscribe {short_uuid(characteristic)}")
        for each in self.frames:
            said(each)
        if self.hangs_up:
            self.hung_up.set()


async def hold(
    link: PlayedLink,
    device: EnrolledDevice = DEVICE,
    notes: DeviceNotes | None = None,
    keep: Callable[[Reading], None] | None = None,
    remembered: dict[str, bytes] | None = None,
) -> tuple[Ending, list[Reading]]:
    kept: list[Reading] = []
    session = Session(
        link, device, notes or DeviceNotes(), keep=keep or kept.append, now=lambda: NOW, kept=remembered or {}
    )
    return await session.run(), kept


async def test_the_clock_is_set_first_and_the_subscription_comes_last() -> None:
    link = PlayedLink(frames=[frame(LOCAL)], clock=LOCAL - timedelta(hours=1))
    ending, kept = await hold(link)
    assert ending is Ending.HUNG_UP
    assert link.asked == [
        "read 2a24",
        "read 2a26",
        "read 2a08",
        f"write 2a08 {date_time.encode_clock(LOCAL).hex()}",
        "subscribe 2a35",
    ]
    assert [reading.values[Measure.SYSTOLIC] for reading in kept] == [120]


async def test_a_reading_of_before_the_clock_was_set_is_dated_right() -> None:
    wrong = timedelta(days=2)
    link = PlayedLink(frames=[frame(LOCAL - wrong - timedelta(minutes=10))], clock=LOCAL - wrong)
    notes = DeviceNotes()
    _, kept = await hold(link, notes=notes)
    assert kept[0].measured_at == NOW - timedelta(minutes=10)
    assert kept[0].measured_at.utcoffset() is not None
    assert kept[0].clock is ClockState.DOUBTFUL
    assert notes.clock_offset_s == wrong.total_seconds()


async def test_a_clock_that_is_right_is_not_used_to_shift_readings() -> None:
    link = PlayedLink(frames=[frame(LOCAL - timedelta(minutes=10))], clock=LOCAL - timedelta(seconds=7))
    _, kept = await hold(link)
    assert kept[0].measured_at == NOW - timedelta(minutes=10)
    assert kept[0].clock is ClockState.FINE


async def test_a_device_that_refuses_its_clock_is_read_all_the_same() -> None:
    link = PlayedLink(frames=[frame(LOCAL)], clock=LOCAL - timedelta(hours=1), refuses_clock=True)
    ending, kept = await hold(link)
    assert (ending, len(kept)) == (Ending.HUNG_UP, 1)


async def test_information_is_asked_once_and_not_in_every_session() -> None:
    notes = DeviceNotes()
    await hold(PlayedLink(), notes=notes)
    second = PlayedLink()
    await hold(second, notes=notes)
    assert not {"read 2a24", "read 2a26"} & set(second.asked)


async def test_a_device_that_stays_connected_is_let_go_once_it_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sessions, "FIRST_FRAME_WITHIN", timedelta(milliseconds=50))
    ending, kept = await hold(PlayedLink(frames=[frame(LOCAL)], hangs_up=False))
    assert (ending, len(kept)) == (Ending.SILENT, 1)


async def test_a_device_without_what_its_profile_expects_is_unsuitable() -> None:
    ending, _ = await hold(PlayedLink(has_characteristics=frozenset({"2a9d"})))
    assert ending is Ending.UNSUITABLE


async def test_the_session_ends_when_a_reading_cannot_be_stored() -> None:
    def full(_reading: Reading) -> None:
        raise HubError("no room")

    link = PlayedLink(frames=[frame(LOCAL)], hangs_up=False)
    ending, _ = await hold(link, keep=full)
    assert ending is Ending.NOT_STORED


async def test_a_link_lost_while_something_is_asked_ends_the_session() -> None:
    class Dropping(PlayedLink):
        async def read(self, characteristic: str, service: str | None = None) -> bytes:
            raise LinkLost("gone")

    ending, _ = await hold(Dropping())
    assert ending is Ending.LINK_LOST


async def test_a_message_that_cannot_be_read_is_kept_as_a_failure_with_its_bytes() -> None:
    broken = frame(LOCAL)[:9]
    ending, kept = await hold(PlayedLink(frames=[broken, frame(LOCAL)]))
    assert ending is Ending.HUNG_UP
    failed, good = kept
    assert failed.failure == "the device's message could not be read (truncated)"
    assert (failed.values, failed.raw) == ({}, broken)
    assert failed.measured_at == failed.received_at == NOW
    assert good.failure is None


async def test_a_device_that_only_talks_nonsense_does_not_flood_the_hub() -> None:
    _, kept = await hold(PlayedLink(frames=[bytes((6, number)) for number in range(200)]))
    assert len(kept) == sessions.MOST_BROKEN


@pytest.mark.parametrize(("said", "expected"), [(b"", 3), (b"\x05", 5)])
async def test_the_rosters_slot_is_used_where_the_frame_names_no_user(said: bytes, expected: int) -> None:
    flags = b"\x0e" if said else b"\x06"
    link = PlayedLink(frames=[flags + frame(LOCAL)[1:] + said])
    _, kept = await hold(link, replace(DEVICE, user_slot=3))
    assert kept[0].user_slot == expected


def test_the_played_link_is_named_by_the_same_uuids() -> None:
    assert full_uuid("2a35") == IMPATIENT.channels[0].characteristic
