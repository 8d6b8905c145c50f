"""What GATT discovery finds on a device: plain data, so that it outlives the connection it was found over."""

from dataclasses import dataclass

CCCD = "00002902-0000-1000-8000-00805f9b34fb"
# The bits of the properties in BlueZ's words (Core specification, volume 3 part G, 3.3.1.1).
_PROPERTY_WORDS = (
    "broadcast",
    "read",
    "write-without-response",
    "write",
    "notify",
    "indicate",
    "authenticated-signed-writes",
    "extended-properties",
)
NOTIFY, INDICATE = 0x10, 0x20


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A descriptor of a characteristic."""

    handle: int
    uuid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """A characteristic; its declaration comes one handle before its value."""

    value_handle: int
    uuid: str
    properties: int
    descriptors: tuple[Descriptor, ...]

    @property
    def handle(self) -> int:
        """The handle of its declaration."""
        return self.value_handle - 1

    @property
    def flags(self) -> list[str]:
        """The properties in BlueZ's words."""
        return [word for bit, word in enumerate(_PROPERTY_WORDS) if self.properties >> bit & 1]

    @property
    def cccd(self) -> Descriptor | None:
        """The descriptor that switches notifications and indications on."""
        return next((descriptor for descriptor in self.descriptors if descriptor.uuid == CCCD), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A primary service."""

    handle: int
    uuid: str
    characteristics: tuple[Characteristic, ...]
