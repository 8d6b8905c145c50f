"""What an instrument says of itself on the air: the structures of a 31-byte advertisement, both ways."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bumble.core import UUID, AdvertisingData

from device_profiles.uuids import full_uuid
from vitals.errors import HubError

LONGEST = 31
# LE general discoverable, no classic Bluetooth (Core specification supplement, part A, 1.3).
_FLAGS = bytes([0x06])
_Type = AdvertisingData.Type


class AdvertTooLong(HubError):
    """A legacy advertisement cannot carry this much."""

    def __init__(self, name: str, length: int) -> None:
        self.name = name
        self.length = length
        super().__init__(f"The advertisement of {name!r} has {length} bytes, and may have {LONGEST}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Advert:
    """An advertisement: `uuids` in their 128-bit spelling, manufacturer data by company id."""

    name: str | None = None
    uuids: tuple[str, ...] = ()
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    service_data: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    flags: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """The bytes of an advertisement, and of the answer to who asks for more."""

    data: bytes
    scan_response: bytes = b""


def encode(advert: Advert) -> Encoded:
    """The bytes; the name goes into the scan response where it has no room. Raises AdvertTooLong."""
    structures: list[tuple[int, bytes]] = [(_Type.FLAGS, _FLAGS)]
    uuids = [UUID(uuid) for uuid in advert.uuids]
    short = b"".join(uuid.to_bytes() for uuid in map(_shortest, uuids) if len(uuid.to_bytes()) == 2)
    long = b"".join(uuid.to_bytes() for uuid in map(_shortest, uuids) if len(uuid.to_bytes()) == 16)
    if short:
        structures.append((_Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, short))
    if long:
        structures.append((_Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, long))
    for company, data in advert.manufacturer_data.items():
        structures.append((_Type.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little") + data))
    for uuid, data in advert.service_data.items():
        structures.append((_Type.SERVICE_DATA_16_BIT_UUID, _shortest(UUID(uuid)).to_bytes() + data))
    name = [(_Type.COMPLETE_LOCAL_NAME, advert.name.encode())] if advert.name else []
    together = bytes(AdvertisingData([*structures, *name]))
    if len(together) <= LONGEST:
        return Encoded(data=together)
    encoded = Encoded(data=bytes(AdvertisingData(structures)), scan_response=bytes(AdvertisingData([*name])))
    for frame in (encoded.data, encoded.scan_response):
        if len(frame) > LONGEST:
            raise AdvertTooLong(advert.name or "", len(frame))
    return encoded


def _shortest(uuid: UUID) -> UUID:
    whole = full_uuid(uuid.to_hex_str("-"))
    is_short = whole.startswith("0000") and whole.endswith("-0000-1000-8000-00805f9b34fb")
    return UUID(whole[4:8]) if is_short else UUID(whole)


def decode(data: AdvertisingData) -> Advert:
    """What the structures say; those that nobody here asks for are left out."""
    name: str | None = None
    flags: int | None = None
    uuids: list[str] = []
    manufacturer_data: dict[int, bytes] = {}
    service_data: dict[str, bytes] = {}
    for kind, value in data.ad_structures:
        if kind in (_Type.COMPLETE_LOCAL_NAME, _Type.SHORTENED_LOCAL_NAME):
            name = value.decode(errors="replace")
        elif kind == _Type.FLAGS and value:
            flags = value[0]
        elif kind in _UUID_SIZES:
            size = _UUID_SIZES[kind]
            uuids += [_text(value[at : at + size]) for at in range(0, len(value) - size + 1, size)]
        elif kind == _Type.MANUFACTURER_SPECIFIC_DATA and len(value) >= 2:
            manufacturer_data[int.from_bytes(value[:2], "little")] = value[2:]
        elif kind == _Type.SERVICE_DATA_16_BIT_UUID and len(value) >= 2:
            service_data[_text(value[:2])] = value[2:]
    return Advert(
        name=name,
        uuids=tuple(uuids),
        manufacturer_data=manufacturer_data,
        service_data=service_data,
        flags=flags,
    )


_UUID_SIZES: dict[int, int] = {
    _Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    _Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}


def _text(little_endian: bytes) -> str:
    return full_uuid(UUID.from_bytes(little_endian).to_hex_str("-"))
