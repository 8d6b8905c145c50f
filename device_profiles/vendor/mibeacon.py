"""MiBeacon, the service data of 0xFE95: plain objects, and objects under AES-CCM (version 5).

Sources: xiaomi-ble (Apache-2.0), ble_monitor (MIT), ble-scale-sync; facts only. The key belongs to one device
and comes from the owner's Xiaomi account.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from device_profiles.profile import Context
from device_profiles.refusal import Reason, Refusal, layout, truncated

_UUID = b"\x95\xfe"
_ENCRYPTED, _ADDRESS, _CAPABILITY, _OBJECT = 0x0008, 0x0010, 0x0020, 0x0040
_HEAD = 5
_IO_CAPABILITY = 0x20
_EXTENDED_COUNTER, _TAG = 3, 4
_ASSOCIATED = b"\x11"


@dataclass(frozen=True, slots=True, kw_only=True)
class MiObject:
    """One object out of a beacon: what it says, and which product said it."""

    product: int
    kind: int
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beacon:
    control: int
    product: bytes
    counter: bytes
    address: bytes | None
    payload: bytes


def _parse(frame: bytes) -> _Beacon | Refusal:
    body = frame.removeprefix(_UUID)
    if len(body) < _HEAD:
        return truncated(len(body), _HEAD)
    control = int.from_bytes(body[:2], "little")
    if not 2 <= control >> 12 <= 5:
        return layout(f"beacon version {control >> 12}")
    offset = _HEAD
    address = None
    if control & _ADDRESS:
        address = body[offset : offset + 6]
        offset += 6
    if control & _CAPABILITY:
        capability = body[offset : offset + 1]
        offset += 3 if capability and capability[0] & _IO_CAPABILITY else 1
    if len(body) < offset:
        return truncated(len(body), offset)
    if not control & _OBJECT:
        return Refusal(reason=Reason.CONTROL_FRAME, detail="a beacon without an object")
    return _Beacon(
        control=control, product=body[2:4], counter=body[4:5], address=address, payload=body[offset:]
    )


def decode_object(frame: bytes, context: Context) -> MiObject | Refusal:
    """The object of a beacon, decrypted with the context's key and address where it is encrypted."""
    beacon = _parse(frame)
    if isinstance(beacon, Refusal):
        return beacon
    plain = _decrypt(beacon, context) if beacon.control & _ENCRYPTED else beacon.payload
    if isinstance(plain, Refusal):
        return plain
    if len(plain) < 3 or len(plain) < 3 + plain[2]:
        return truncated(len(plain), 3 + (plain[2] if len(plain) > 2 else 0))
    return MiObject(
        product=int.from_bytes(beacon.product, "little"),
        kind=int.from_bytes(plain[:2], "little"),
        value=plain[3 : 3 + plain[2]],
    )


def _decrypt(beacon: _Beacon, context: Context) -> bytes | Refusal:
    if beacon.control >> 12 < 5:
        return layout(f"encryption of version {beacon.control >> 12} is not read")
    if context.bind_key is None or len(context.bind_key) != 16:
        return Refusal(reason=Reason.NO_KEY, detail="an encrypted beacon, and no key of 16 bytes")
    address = beacon.address or (context.address[::-1] if context.address else None)
    if address is None or len(address) != 6:
        return Refusal(reason=Reason.NO_KEY, detail="an encrypted beacon, and no address")
    if len(beacon.payload) <= _EXTENDED_COUNTER + _TAG:
        return truncated(len(beacon.payload), _EXTENDED_COUNTER + _TAG + 1)
    counter, tag = beacon.payload[-7:-4], beacon.payload[-4:]
    nonce = address + beacon.product + beacon.counter + counter
    try:
        return AESCCM(context.bind_key, tag_length=_TAG).decrypt(
            nonce, beacon.payload[:-7] + tag, _ASSOCIATED
        )
    except InvalidTag:
        return Refusal(reason=Reason.WRONG_KEY, detail="the key does not open the beacon")


def encode_encrypted(product: int, counter: int, value: MiObject, context: Context) -> bytes:
    """A version 5 beacon around an object, as a device sends it; needs key and address.

    Raises ValueError where the context has no key or no address.
    """
    if context.bind_key is None or context.address is None:
        raise ValueError("an encrypted beacon needs a key and an address")
    head = (0x5948).to_bytes(2, "little") + product.to_bytes(2, "little") + bytes((counter & 0xFF,))
    extended = (counter >> 8 & 0xFFFFFF).to_bytes(_EXTENDED_COUNTER, "little")
    plain = value.kind.to_bytes(2, "little") + bytes((len(value.value),)) + value.value
    nonce = context.address[::-1] + head[2:5] + extended
    sealed = AESCCM(context.bind_key, tag_length=_TAG).encrypt(nonce, plain, _ASSOCIATED)
    return head + sealed[:-_TAG] + extended + sealed[-_TAG:]
