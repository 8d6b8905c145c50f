"""Advertising data as on the air: lists of length, type and value, bare or inside an HCI report.

Core specification supplement, part A; HCI LE advertising report, Core specification vol 4 part E 7.7.65.2.
"""

from dataclasses import dataclass, field

from device_profiles.advertisement import Advertisement, advertisement
from device_profiles.fields import Field, Fields, amount_field
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.units import Unit
from device_profiles.uuids import short_uuid

_FLAGS, _SOME_UUIDS, _ALL_UUIDS, _SHORT_NAME, _NAME = 0x01, 0x02, 0x03, 0x08, 0x09
_SERVICE_DATA, _MANUFACTURER = 0x16, 0xFF
_EVENT, _LE_META, _ADVERTISING_REPORT = 0x04, 0x3E, 0x02
_REPORT_HEAD = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertisingData:
    """The parts that identify a device; `flags` and `rssi_dbm` are None where not there."""

    seen: Advertisement
    flags: int | None = None
    rssi_dbm: int | None = None
    manufacturer_data: bytes = b""
    uuids_16: tuple[str, ...] = field(default=())

    def fields(self) -> Fields:
        """Name, services and data, and address and strength where a report gave them."""
        uuids: list[Field] = [*self.uuids_16]
        said: Fields = {"local_name": self.seen.local_name, "flags": self.flags, "service_uuids_16": uuids}
        if self.manufacturer_data:
            said["manufacturer_data"] = self.manufacturer_data.hex()
        for uuid, data in self.seen.service_data.items():
            said[f"service_data_0x{short_uuid(uuid)}"] = data.hex()
        if self.seen.address is not None:
            said["mac"] = self.seen.address.replace(":", "")
        if self.rssi_dbm is not None:
            said["rssi"] = amount_field(self.rssi_dbm, Unit.DBM)
        return said

    def measurements(self) -> tuple[()]:
        """An advertisement is no measurement; its data may be one."""
        return ()


def decode(frame: bytes) -> AdvertisingData | Refusal:
    """A list of advertising data, or the first of an HCI report."""
    if frame[:2] == bytes((_EVENT, _LE_META)):
        return _decode_report(frame)
    return _decode_list(frame, None, None)


def _decode_report(frame: bytes) -> AdvertisingData | Refusal:
    if len(frame) < _REPORT_HEAD:
        return truncated(len(frame), _REPORT_HEAD)
    if frame[3] != _ADVERTISING_REPORT:
        return layout(f"LE event 0x{frame[3]:02x}")
    length = frame[13]
    if len(frame) < _REPORT_HEAD + length + 1:
        return truncated(len(frame), _REPORT_HEAD + length + 1)
    data = frame[_REPORT_HEAD : _REPORT_HEAD + length]
    rssi = int.from_bytes(frame[_REPORT_HEAD + length : _REPORT_HEAD + length + 1], "little", signed=True)
    return _decode_list(data, frame[7:13][::-1].hex(":").upper(), rssi)


def _decode_list(data: bytes, address: str | None, rssi: int | None) -> AdvertisingData | Refusal:
    parts: dict[int, bytes] = {}
    services: list[str] = []
    service_data: dict[str, bytes] = {}
    offset = 0
    while offset < len(data) and data[offset]:
        length = data[offset]
        if offset + 1 + length > len(data):
            return truncated(len(data), offset + 1 + length)
        kind, value = data[offset + 1], data[offset + 2 : offset + 1 + length]
        if kind in (_SOME_UUIDS, _ALL_UUIDS):
            services += [value[at : at + 2][::-1].hex() for at in range(0, len(value) - 1, 2)]
        elif kind == _SERVICE_DATA and len(value) >= 2:
            service_data[value[:2][::-1].hex()] = value[2:]
        parts[kind] = value
        offset += 1 + length
    if not parts:
        return layout("no advertising data")
    name = parts.get(_NAME, parts.get(_SHORT_NAME))
    maker = parts.get(_MANUFACTURER, b"")
    return AdvertisingData(
        seen=advertisement(
            name=name.decode("utf-8", errors="replace") if name is not None else None,
            services=tuple(services),
            manufacturer_data={int.from_bytes(maker[:2], "little"): maker[2:]} if len(maker) >= 2 else {},
            service_data=service_data,
            address=address,
        ),
        flags=parts[_FLAGS][0] if parts.get(_FLAGS) else None,
        rssi_dbm=rssi,
        manufacturer_data=maker,
        uuids_16=tuple(services),
    )
