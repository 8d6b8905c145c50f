"""What a device broadcasts: one advertisement, as the radio hands it over."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from device_profiles.uuids import full_uuid


@dataclass(frozen=True, slots=True, kw_only=True)
class Advertisement:
    """Name, services and data of one advertisement; UUIDs in their 128-bit spelling.

    Manufacturer data are by company id, without the two bytes of the id; `address` is the device's, printed
    order, where the platform gives one.
    """

    local_name: str | None = None
    service_uuids: frozenset[str] = frozenset()
    manufacturer_data: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    service_data: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    address: str | None = None


def advertisement(
    *,
    name: str | None = None,
    services: tuple[str, ...] = (),
    manufacturer_data: Mapping[int, bytes] | None = None,
    service_data: Mapping[str, bytes] | None = None,
    address: str | None = None,
) -> Advertisement:
    """An advertisement whose UUIDs may be given in any spelling."""
    return Advertisement(
        local_name=name,
        service_uuids=frozenset(full_uuid(service) for service in services),
        manufacturer_data=dict(manufacturer_data or {}),
        service_data={full_uuid(uuid): data for uuid, data in (service_data or {}).items()},
        address=address,
    )
