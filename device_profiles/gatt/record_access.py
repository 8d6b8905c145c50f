"""Record Access Control Point, 0x2A52: how stored records are counted, asked for and given up.

Glucose Service 1.0.1, section 3.5; the two op codes with the latest sequence number are Omron's.
"""

from dataclasses import dataclass
from enum import IntEnum

from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, layout, truncated

UUID = "2a52"


class Op(IntEnum):
    """The op codes."""

    REPORT_RECORDS = 0x01
    DELETE_RECORDS = 0x02
    ABORT = 0x03
    REPORT_COUNT = 0x04
    NUMBER_OF_RECORDS = 0x05
    RESPONSE = 0x06
    OMRON_REPORT_LATEST_SEQUENCE = 0x10
    OMRON_LATEST_SEQUENCE = 0x11


class Operator(IntEnum):
    """Which records."""

    NULL = 0
    ALL = 1
    LESS_OR_EQUAL = 2
    GREATER_OR_EQUAL = 3
    WITHIN_RANGE = 4
    FIRST = 5
    LAST = 6


class Result(IntEnum):
    """How a procedure ended."""

    SUCCESS = 0x01
    OP_CODE_NOT_SUPPORTED = 0x02
    INVALID_OPERATOR = 0x03
    OPERATOR_NOT_SUPPORTED = 0x04
    INVALID_OPERAND = 0x05
    NO_RECORDS_FOUND = 0x06
    ABORT_UNSUCCESSFUL = 0x07
    PROCEDURE_NOT_COMPLETED = 0x08
    OPERAND_NOT_SUPPORTED = 0x09
    SERVER_BUSY = 0x0A


_OPS, _RESULTS = frozenset(Op), frozenset(Result)
_COUNT_WIDTHS = (1, 2, 4)  # the specification says 2; devices send all three
_ANSWERS = (Op.NUMBER_OF_RECORDS, Op.RESPONSE, Op.OMRON_LATEST_SEQUENCE)
FILTER_SEQUENCE = 0x01
FILTER_SEQUENCE_OMRON = 0x04


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAccess:
    """One write or answer; `operand` is what follows op code and operator, as bytes."""

    op: Op
    operator: int = Operator.NULL
    operand: bytes = b""

    @property
    def number(self) -> int:
        """The count or the sequence number of an answer."""
        return int.from_bytes(self.operand, "little")

    @property
    def result(self) -> Result | None:
        """How the procedure ended; None in anything but a response, or for a reserved code."""
        if self.op != Op.RESPONSE or self.operand[1] not in _RESULTS:
            return None
        return Result(self.operand[1])

    def fields(self) -> Fields:
        """The op in words, and what it carries."""
        said: Fields = {"op": self.op.name.lower()}
        if self.op == Op.RESPONSE:
            said["request"] = self.operand[0]
            said["result"] = self.result.name.lower() if self.result else "reserved"
            said["result_raw"] = self.operand[1]
        elif self.op == Op.NUMBER_OF_RECORDS:
            said["count"] = self.number
        elif self.op == Op.OMRON_LATEST_SEQUENCE:
            said["sequence"] = self.number
        else:
            said |= {"operator": self.operator, "operand": self.operand.hex()}
        return said

    def measurements(self) -> tuple[()]:
        """A procedure is no measurement."""
        return ()


def decode(frame: bytes) -> RecordAccess | Refusal:
    """The write or answer; an answer with an operator, or of a wrong length, is refused."""
    if len(frame) < 2:
        return truncated(len(frame), 2)
    if frame[0] not in _OPS:
        return layout(f"op code 0x{frame[0]:02x}")
    access = RecordAccess(op=Op(frame[0]), operator=frame[1], operand=frame[2:])
    if access.op not in _ANSWERS:
        return access
    if access.operator != Operator.NULL:
        return layout("an answer with an operator")
    if access.op == Op.RESPONSE and len(access.operand) < 2:
        return truncated(len(frame), 4)
    if access.op == Op.NUMBER_OF_RECORDS and len(access.operand) not in _COUNT_WIDTHS:
        return layout(f"a count of {len(access.operand)} bytes")
    if access.op == Op.OMRON_LATEST_SEQUENCE and len(access.operand) != 2:
        return layout(f"a sequence number of {len(access.operand)} bytes")
    return access


def encode(value: RecordAccess) -> bytes:
    """The frame."""
    return bytes((value.op, value.operator)) + value.operand


def report_all() -> bytes:
    """Asks for every stored record."""
    return encode(RecordAccess(op=Op.REPORT_RECORDS, operator=Operator.ALL))


def report_from(sequence: int, filter_type: int = FILTER_SEQUENCE) -> bytes:
    """Asks for the records from a sequence number on."""
    operand = bytes((filter_type,)) + sequence.to_bytes(2, "little")
    access = RecordAccess(op=Op.REPORT_RECORDS, operator=Operator.GREATER_OR_EQUAL, operand=operand)
    return encode(access)
