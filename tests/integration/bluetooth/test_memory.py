"""What a simulated home remembers on disk."""

import asyncio
from pathlib import Path

from bumble.keys import PairingKeys

from simulators.bluetooth.memory import BondStore, HomeMemory, KnownDevice, StoredFrame

PEER = "D8:13:6E:2B:7F:16"


def test_a_home_remembers_bonds_devices_and_readings(tmp_path: Path) -> None:
    path = tmp_path / "home" / "memory.json"
    memory = HomeMemory(path)
    memory.instrument("cuff-1").frames.append(StoredFrame(frame="1678", device_time=None))
    memory.known[PEER] = KnownDevice(name="HW Cuff 16", trusted=True)
    keys = PairingKeys(ltk=PairingKeys.Key(value=bytes(range(16)), authenticated=True))
    asyncio.run(BondStore(memory.bonds, memory.save).update(PEER, keys))

    again = HomeMemory(path)

    assert again.instrument("cuff-1").frames[0].frame == "1678"
    assert again.known[PEER].trusted
    assert asyncio.run(BondStore(again.bonds, again.save).get(PEER)) == keys


def test_a_damaged_memory_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    path.write_text('{"bonds": {"D8:13')

    memory = HomeMemory(path)

    assert (memory.bonds, memory.known) == ({}, {})
    memory.instrument("cuff-1")
    memory.save()
    assert HomeMemory(path).instrument("cuff-1").frames == []
