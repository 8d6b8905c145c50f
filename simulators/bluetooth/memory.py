"""What a simulated home keeps when its process is killed: bonds, known devices, undelivered readings."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog
from bumble.keys import KeyStore, PairingKeys

log = structlog.get_logger()

# One side's keys for a peer, as `PairingKeys.to_dict` gives them.
Keys = dict[str, object]


class StoredFrame(msgspec.Struct, kw_only=True):
    """A measurement in an instrument's memory: the frame, in hex, and when the device says it was taken."""

    frame: str
    device_time: str | None


class InstrumentMemory(msgspec.Struct, kw_only=True):
    """What an instrument keeps without power. `clock_error_s` is None where its clock was never set."""

    bonds: dict[str, Keys] = msgspec.field(default_factory=dict[str, Keys])
    frames: list[StoredFrame] = msgspec.field(default_factory=list[StoredFrame])
    clock_error_s: float | None = 0.0
    sequence: int = 0


class KnownDevice(msgspec.Struct, kw_only=True):
    """What BlueZ keeps of a device that is bonded or trusted."""

    name: str | None = None
    uuids: list[str] = msgspec.field(default_factory=list[str])
    trusted: bool = False


class _Kept(msgspec.Struct, kw_only=True):
    bonds: dict[str, Keys] = msgspec.field(default_factory=dict[str, Keys])
    known: dict[str, KnownDevice] = msgspec.field(default_factory=dict[str, KnownDevice])
    instruments: dict[str, InstrumentMemory] = msgspec.field(default_factory=dict[str, InstrumentMemory])


class HomeMemory:
    """The file of one home. Change what it hands out, then `save`."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept = _read(path) if path is not None else _Kept()
        self._written = b""

    @property
    def bonds(self) -> dict[str, Keys]:
        """BlueZ's keys, by the address of the peer."""
        return self._kept.bonds

    @property
    def known(self) -> dict[str, KnownDevice]:
        """The devices that BlueZ keeps, by address."""
        return self._kept.known

    def instrument(self, device_id: str, first: InstrumentMemory | None = None) -> InstrumentMemory:
        """The memory of an instrument; `first` is what a new one starts with."""
        return self._kept.instruments.setdefault(device_id, first or InstrumentMemory())

    def save(self) -> None:
        """Write the file. It outlives a killed process; a power cut of the machine it need not outlive."""
        encoded = msgspec.json.encode(self._kept)
        if self._path is None or encoded == self._written:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".fresh")
        fresh.write_bytes(encoded)
        fresh.replace(self._path)
        self._written = encoded


def _read(path: Path) -> _Kept:
    with contextlib.suppress(FileNotFoundError):
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Kept)
        except msgspec.MsgspecError as error:
            log.warning("simulated home forgot everything", file=str(path), reason=str(error))
    return _Kept()


class BondStore(KeyStore):
    """Bumble's key store over a dictionary of the home's memory."""

    def __init__(self, bonds: dict[str, Keys], save: Callable[[], None]) -> None:
        self._bonds = bonds
        self._save = save

    def has(self, name: str) -> bool:
        """Whether there are keys of a peer."""
        return name in self._bonds

    async def delete(self, name: str) -> None:
        """Forget a peer."""
        self.forget(name)

    def forget(self, name: str) -> None:
        """Forget a peer, now."""
        if self._bonds.pop(name, None) is not None:
            self._save()

    def forget_all(self) -> None:
        """Forget every peer, now."""
        self._bonds.clear()
        self._save()

    async def update(self, name: str, keys: PairingKeys) -> None:
        """Keep a peer's keys."""
        self._bonds[name] = keys.to_dict()
        self._save()

    async def get(self, _name: str) -> PairingKeys | None:
        """A peer's keys."""
        keys = self._bonds.get(_name)
        return PairingKeys.from_dict(keys) if keys is not None else None

    async def get_all(self) -> list[tuple[str, PairingKeys]]:
        """Everybody's keys."""
        return [(name, PairingKeys.from_dict(keys)) for name, keys in self._bonds.items()]
