"""A session with an EEPROM cuff reads its memory, and never writes to it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from device_profiles import catalog
from device_profiles.advertisement import advertisement
from device_profiles.checksums import xor8
from device_profiles.handshake import Action, Dialogue, Facts, Handshake, Write
from device_profiles.interpret import Interpreter
from device_profiles.profile import Profile
from device_profiles.uuids import full_uuid
from device_profiles.vendor import omron_memory, omron_wlp
from vitals.ids import DeviceId
from vitals.measure import Measure
from vitals.reading import Reading

NOW = datetime(2026, 9, 21, 8, 31, tzinfo=UTC)
KEY = bytes(range(16))
MAPPED = [known for known in catalog.PROFILES if known.family == "Omron, EEPROM" and known.channels]


class Cuff:
    """A peripheral with a memory: it answers reads, sixteen bytes to a characteristic."""

    def __init__(self, memory: dict[int, bytes], key: bytes = KEY) -> None:
        self._memory = memory
        self._key = key
        self.wrote: list[bytes] = []

    def take(self, write: Write) -> list[tuple[str, bytes]]:
        if write.characteristic == full_uuid(omron_memory.UNLOCK):
            return self._unlock(write.value)
        assert write.characteristic == full_uuid(omron_wlp.TO_DEVICE[0])
        self.wrote.append(write.value)
        assert xor8(write.value) == 0
        opcode, address, size = write.value[1:3], int.from_bytes(write.value[3:5], "big"), write.value[5]
        data = b"".join(self._memory.get(address + at, b"\xff") for at in range(size))
        if opcode != b"\x01\x00":
            data = b""
        body = bytes((opcode[0] | 0x80, opcode[1])) + write.value[3:6] + data + b"\x00"
        frame = bytes((len(body) + 2,)) + body
        frame += bytes((xor8(frame),))
        chunks = [frame[at : at + 16] for at in range(0, len(frame), 16)]
        return list(zip(omron_wlp.FROM_DEVICE, chunks, strict=False))

    def _unlock(self, value: bytes) -> list[tuple[str, bytes]]:
        if value[0] == 0x01 and value[1:] != self._key:
            return [(omron_memory.UNLOCK, b"\x81\x0f")]
        if value[0] == 0x00:
            self._key = value[1:]
        return [(omron_memory.UNLOCK, bytes((value[0] | 0x80, 0)))]


def profile(name: str) -> Profile:
    known = catalog.profile(name)
    assert known is not None
    return known


def run(
    known: Profile, handshake: Handshake, cuff: Cuff, kept: dict[str, bytes]
) -> tuple[list[Reading], Dialogue]:
    reader = Interpreter(known, device_id=DeviceId("cuff-1"), zone=ZoneInfo("Europe/Berlin"))
    dialogue = Dialogue(handshake, Facts(local=NOW, kept=kept))
    readings: list[Reading] = []
    actions: list[Action] = list(dialogue.begin())
    while actions:
        action = actions.pop(0)
        assert isinstance(action, Write)
        for characteristic, chunk in cuff.take(action):
            outcomes = reader.feed(characteristic, chunk, received_at=NOW)
            readings += [outcome for outcome in outcomes if isinstance(outcome, Reading)]
            actions += dialogue.hear(characteristic, chunk)
        if not actions:
            actions += dialogue.expire()
    return readings, dialogue


def spread(address: int, data: bytes) -> dict[int, bytes]:
    return {address + at: data[at : at + 1] for at in range(len(data))}


CLASSIC = bytes.fromhex("6450461a331ade080000000000000000")
PACKED = bytes.fromhex("5b781a4819d71b42000014006996")


def test_the_records_of_both_users_are_read_and_the_empty_slots_passed_over() -> None:
    known = profile("omron_7361t")
    memory = spread(0x0098, CLASSIC) | spread(0x06D8 + 16, CLASSIC[:3] + b"\x19" + CLASSIC[4:])
    cuff = Cuff(memory)
    readings, dialogue = run(known, known.handshake, cuff, {omron_memory.KEY: KEY})
    assert dialogue.failed is None
    assert [(reading.user_slot, reading.device_time) for reading in readings] == [
        (1, "2026-06-17T19:35:30"),
        (2, "2025-06-17T19:35:30"),
    ]
    assert readings[0].values == {Measure.SYSTOLIC: 125, Measure.DIASTOLIC: 80, Measure.HEART_RATE: 70}
    assert readings[0].raw == CLASSIC


def test_a_record_keeps_its_id_wherever_in_a_block_it_is_read() -> None:
    known = profile("omron_7600t")
    ids = []
    for slot in (0, 3):
        cuff = Cuff(spread(0x02AC + 14 * slot, PACKED))
        (reading,) = run(known, known.handshake, cuff, {omron_memory.KEY: KEY})[0]
        ids.append(reading.reading_id)
    assert ids[0] == ids[1]


@pytest.mark.parametrize("known", MAPPED, ids=[known.name for known in MAPPED])
def test_a_session_only_ever_reads(known: Profile) -> None:
    cuff = Cuff({})
    readings, dialogue = run(known, known.handshake, cuff, {omron_memory.KEY: KEY})
    assert (readings, dialogue.failed, dialogue.done) == ([], None, True)
    assert {frame[1:3] for frame in cuff.wrote} == {b"\x00\x00", b"\x01\x00", b"\x0f\x00"}
    assert (cuff.wrote[0], cuff.wrote[-1]) == (omron_wlp.start(), omron_wlp.end())


def test_a_wrong_key_ends_the_session_before_anything_is_read() -> None:
    known = profile("omron_7361t")
    cuff = Cuff({}, key=bytes(16))
    _readings, dialogue = run(known, known.handshake, cuff, {omron_memory.KEY: KEY})
    assert dialogue.failed is not None
    assert cuff.wrote == []


def test_the_enrolment_gives_the_cuff_its_key() -> None:
    known = profile("omron_7361t")
    cuff = Cuff({}, key=bytes(16))
    _readings, enrolled = run(known, known.enrolment, cuff, {omron_memory.KEY: KEY})
    assert enrolled.failed is None
    assert run(known, known.handshake, cuff, {omron_memory.KEY: KEY})[1].failed is None


def test_news_of_a_standard_cuff_are_seen_without_connecting() -> None:
    news = profile("omron_cuff").news
    assert news is not None
    before, same, after = (
        news(advertisement(manufacturer_data={0x020E: bytes.fromhex(data)}))
        for data in ("0101030008000000", "0109030008000000", "0101040009000000")
    )
    assert before is not None
    assert before == same != after
    assert news(advertisement(name="BLESmart_00010112F974C431DBE2")) is None
