"""User Control Point, 0x2A9F (User Data Service 1.0, section 3.7): consent opens a user of a scale."""

from dataclasses import dataclass
from enum import IntEnum

from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, layout, truncated

UUID = "2a9f"


class Op(IntEnum):
    """The op codes."""

    REGISTER_NEW_USER = 0x01
    CONSENT = 0x02
    DELETE_USER_DATA = 0x03
    LIST_ALL_USERS = 0x04
    DELETE_USERS = 0x05
    RESPONSE = 0x20


class Result(IntEnum):
    """How a procedure ended; not authorised is a wrong code, a failed one a slot without a user."""

    SUCCESS = 0x01
    OP_CODE_NOT_SUPPORTED = 0x02
    INVALID_PARAMETER = 0x03
    OPERATION_FAILED = 0x04
    USER_NOT_AUTHORIZED = 0x05


_OPS, _RESULTS = frozenset(Op), frozenset(Result)
_PARAMETERS = {Op.REGISTER_NEW_USER: 2, Op.CONSENT: 3, Op.DELETE_USERS: 1, Op.RESPONSE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserControl:
    """One write or answer; `parameter` is what follows the op code."""

    op: Op
    parameter: bytes = b""

    @property
    def result(self) -> Result | None:
        """How the procedure ended; None in anything but a response, or for a reserved code."""
        if self.op != Op.RESPONSE or self.parameter[1] not in _RESULTS:
            return None
        return Result(self.parameter[1])

    def fields(self) -> Fields:
        """The op in words, and what it carries."""
        if self.op == Op.RESPONSE:
            said: Fields = {
                "response_to": self.parameter[0],
                "result": self.result.name.lower() if self.result else "reserved",
                "result_raw": self.parameter[1],
            }
            if len(self.parameter) > 2:
                said["user_index"] = self.parameter[2]
            return said
        said = {"op": self.op.name.lower()}
        if self.op == Op.CONSENT:
            said["user_index"] = self.parameter[0]
            said["code"] = int.from_bytes(self.parameter[1:3], "little")
        elif self.op == Op.REGISTER_NEW_USER:
            said["code"] = int.from_bytes(self.parameter[:2], "little")
        elif self.op == Op.DELETE_USERS:
            said["user_index"] = self.parameter[0]
        return said

    def measurements(self) -> tuple[()]:
        """A procedure is no measurement."""
        return ()


def decode(frame: bytes) -> UserControl | Refusal:
    """The write or answer, or a refusal where a parameter is missing."""
    if not frame:
        return truncated(0, 1)
    if frame[0] not in _OPS:
        return layout(f"op code 0x{frame[0]:02x}")
    op = Op(frame[0])
    needed = 1 + _PARAMETERS.get(op, 0)
    if len(frame) < needed:
        return truncated(len(frame), needed)
    return UserControl(op=op, parameter=frame[1:])


def encode(value: UserControl) -> bytes:
    """The frame."""
    return bytes((value.op,)) + value.parameter


def consent(user_index: int, code: int) -> bytes:
    """What to write so that the scale takes this session for that user's."""
    return encode(UserControl(op=Op.CONSENT, parameter=bytes((user_index,)) + code.to_bytes(2, "little")))
