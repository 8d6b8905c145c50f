"""Omron's EEPROM protocol: frames that read memory. Reading only: writing can damage the calibration.

A frame is its length, an op code, an address, a size, data, and a byte that makes the exclusive or of the
whole zero; longer ones are spread over four characteristics. Sources: omblepy and openScale, facts only.
"""

from dataclasses import dataclass

from device_profiles.checksums import xor8
from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, checksum, layout, truncated

# What the host writes to, and what the device answers on; a frame fills them in this order.
TO_DEVICE = (
    "db5b55e0-aee7-11e1-965e-0002a5d5c51b",
    "e0b8a060-aee7-11e1-92f4-0002a5d5c51b",
    "0ae12b00-aee8-11e1-a192-0002a5d5c51b",
    "10e1ba60-aee8-11e1-89e5-0002a5d5c51b",
)
FROM_DEVICE = (
    "49123040-aee8-11e1-a74d-0002a5d5c51b",
    "4d0bf320-aee8-11e1-a0d9-0002a5d5c51b",
    "5128ce60-aee8-11e1-b84b-0002a5d5c51b",
    "560f1420-aee8-11e1-8184-0002a5d5c51b",
)
_SMALLEST = 8
_READ, _WRITE = 0x0100, 0x01C0
_START, _END = 0x0000, 0x0F00
_ANSWER = 0x8000
READ_ANSWER = _ANSWER | _READ
_BLOCK = 0x10


@dataclass(frozen=True, slots=True, kw_only=True)
class WlpFrame:
    """One command or answer; an answer has the op code of its command with the highest bit set."""

    opcode: int
    address: int
    size: int
    data: bytes = b""

    @property
    def meaning(self) -> str:
        """In words."""
        words = {_START: "start transmission", _END: "end transmission"}
        if self.opcode == _READ:
            return f"read 0x{self.size:02x} bytes at EEPROM 0x{self.address:04X}"
        if self.opcode == _WRITE:
            return f"write 0x{self.size:02x} bytes at EEPROM 0x{self.address:04X}"
        if self.opcode == READ_ANSWER:
            return f"0x{self.size:02x} bytes of EEPROM 0x{self.address:04X}"
        answered = words.get(self.opcode & ~_ANSWER, f"op code 0x{self.opcode:04x}")
        return f"answer to {answered}" if self.opcode & _ANSWER else answered

    def fields(self) -> Fields:
        """Op code and address in hexadecimal, and their meaning."""
        return {
            "opcode": f"{self.opcode:04x}",
            "address": f"{self.address:04x}",
            "size": self.size,
            "data": self.data.hex(),
            "meaning": self.meaning,
        }

    def measurements(self) -> tuple[()]:
        """A frame is no measurement; the record inside may be one."""
        return ()


def decode(frame: bytes) -> WlpFrame | Refusal:
    """The frame, its checksum tested."""
    if len(frame) < _SMALLEST:
        return truncated(len(frame), _SMALLEST)
    length = frame[0]
    if length < _SMALLEST:
        return layout(f"a length of {length}")
    if len(frame) < length:
        return truncated(len(frame), length)
    if xor8(frame[:length]):
        return checksum()
    return WlpFrame(
        opcode=int.from_bytes(frame[1:3], "big"),
        address=int.from_bytes(frame[3:5], "big"),
        size=frame[5],
        data=frame[6 : length - 2],
    )


def encode(value: WlpFrame) -> bytes:
    """The frame with length and checksum."""
    body = value.opcode.to_bytes(2, "big") + value.address.to_bytes(2, "big") + bytes((value.size,))
    whole = bytes((len(body) + len(value.data) + 3,)) + body + value.data + b"\x00"
    return whole + bytes((xor8(whole),))


def start() -> bytes:
    """Opens the transmission."""
    return encode(WlpFrame(opcode=_START, address=0, size=_BLOCK))


def read(address: int, size: int) -> bytes:
    """Asks for bytes of memory."""
    return encode(WlpFrame(opcode=_READ, address=address, size=size))


def end() -> bytes:
    """Closes the transmission."""
    return encode(WlpFrame(opcode=_END, address=0, size=0))
