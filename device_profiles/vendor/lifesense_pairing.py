"""Transtek and LifeSense scales: the frames of pairing and of every later session.

A scale gives its password once (A0), and then asks each session with a random number (A1). Sources: the HCI
capture of openble-lifesense (MIT), openScale, ble-scale-sync; facts only.
"""

from dataclasses import dataclass
from datetime import datetime

from device_profiles.fields import Fields, amount_field
from device_profiles.gatt.ieee_11073 import decimal, encode_sfloat, sfloat
from device_profiles.profile import Context
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.report import Report
from device_profiles.units import Unit
from device_profiles.vendor.lifesense import EPOCH

COMMANDS, INDICATIONS = "8a81", "8a82"
PASSWORD, CHALLENGE, SLOT = 0xA0, 0xA1, 0x83
_ANSWER, _BROADCAST_ID, _TIME, _END, _PROFILE = 0x20, 0x21, 0x02, 0x22, 0x51
_PROFILE_LENGTH = 7
_SEXES = {1: "male", 2: "female"}
NO_PASSWORD = bytes(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The scale's random number."""

    random: bytes
    password: bytes | None = None

    def reply(self, password: bytes) -> bytes:
        """What answers it: the exclusive or with the password of four bytes; some scales take zero."""
        return bytes((_ANSWER,)) + bytes(a ^ b for a, b in zip(self.random, password, strict=True))

    def fields(self) -> Fields:
        """The replies with no password and, where the context has one, with it."""
        said: Fields = {"random": self.random.hex(), "reply": self.reply(NO_PASSWORD).hex()}
        if self.password is not None:
            said[f"response_with_password_{self.password.hex()}"] = self.reply(self.password).hex()
        return said

    def measurements(self) -> tuple[()]:
        """A challenge is no measurement."""
        return ()


def decode_indication(frame: bytes, context: Context) -> Challenge | Report | Refusal:
    """The password or the challenge of a scale."""
    if len(frame) < 5:
        return truncated(len(frame), 5)
    if frame[0] == PASSWORD:
        return Report(said={"password": frame[1:5].hex()})
    if frame[0] == CHALLENGE:
        secret = context.read.get("password")
        return Challenge(random=frame[1:5], password=secret if secret and len(secret) == 4 else None)
    return layout(f"starts with 0x{frame[0]:02x}")


def decode_profile(frame: bytes) -> Report | Refusal:
    """The write that tells the scale who is on it."""
    if len(frame) < _PROFILE_LENGTH:
        return truncated(len(frame), _PROFILE_LENGTH)
    if frame[0] != _PROFILE:
        return layout(f"starts with 0x{frame[0]:02x}")
    height = sfloat(int.from_bytes(frame[5:7], "little")).value
    return Report(
        said={
            "user_id": frame[2],
            "sex": _SEXES.get(frame[3], "unknown"),
            "age": frame[4],
            "height": amount_field(height, Unit.METRE),
        }
    )


def encode_profile(*, user: int, male: bool, age: int, height_m: float) -> bytes:
    """Tells the scale who is on it."""
    height = encode_sfloat(decimal(height_m, decimals=2)).to_bytes(2, "little")
    return bytes((_PROFILE, 0xDF, user, 1 if male else 2, age)) + height + bytes((0, 0, 0, 0, 0xFF, 0, 0, 0))


def encode_broadcast_id(identity: bytes) -> bytes:
    """Gives the scale its name in advertisements; without it, on every session, the scale stores nothing."""
    return bytes((_BROADCAST_ID,)) + identity


def encode_time(local: datetime) -> bytes:
    """Sets the clock to a wall-clock time."""
    seconds = int((local.replace(tzinfo=None) - EPOCH).total_seconds())
    return bytes((_TIME,)) + seconds.to_bytes(4, "little")


def encode_end() -> bytes:
    """Closes the dialogue; the scale sends what it has."""
    return bytes((_END,))
