"""TaiDoc and FORA meters: how a session asks for the newest record, its time and then its value.

Source: glucometerutils (MIT). Older records are asked for by their index, which counts from the newest.
"""

from collections.abc import Callable

from device_profiles.handshake import Facts, Handshake, Reply, say
from device_profiles.profile import Channel, notified
from device_profiles.vendor import taidoc

FRAMES = "00001524-1212-efde-1523-785feabcd123"
_LENGTH = 8
_MOST_RECORDS = 50


class RecordJoiner:
    """Joins the answer with a record's time and the one with its value into one frame of sixteen bytes."""

    def __init__(self) -> None:
        self._time = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The two answers joined, once the value has come; any other answer as it is."""
        if len(chunk) != _LENGTH:
            return [chunk]
        if chunk[1] == taidoc.RECORD_TIME:
            self._time = chunk
            return []
        if chunk[1] == taidoc.RECORD_VALUE and self._time:
            joined, self._time = self._time + chunk, b""
            return [joined]
        return [chunk]


def _records(frame: bytes, _facts: Facts) -> tuple[bytes, ...]:
    """The requests for the records that a meter says it has, newest first."""
    if len(frame) != _LENGTH or frame[1] != taidoc.COUNT:
        return ()
    count = min(int.from_bytes(frame[2:4], "little"), _MOST_RECORDS)
    requests: list[bytes] = []
    for index in range(count):
        which = index.to_bytes(2, "little") + bytes(2)
        requests += [taidoc.encode(taidoc.RECORD_TIME, which), taidoc.encode(taidoc.RECORD_VALUE, which)]
    return (*requests, taidoc.encode(taidoc.OFF))


_ASSEMBLER: Callable[[], RecordJoiner] = RecordJoiner
CHANNEL: Channel = notified(FRAMES, taidoc.decode, assembler=_ASSEMBLER)
NEWEST = Handshake(
    steps=say(FRAMES, taidoc.encode(taidoc.COUNT), response=False),
    replies=(Reply(characteristic=FRAMES, write_to=FRAMES, make=_records, response=False),),
)
