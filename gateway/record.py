"""How an outbox row is sealed, so that damage shows and a good row is found in a file SQLite gave up."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vitals.ids import ReadingId

_MAGIC = b"\x9dHWR"
_HEAD = struct.Struct("<4sII")
_SEPARATOR = b"\x1f"
# A length that no reading has: what claims more is noise that happens to bear the mark.
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One reading in the outbox: its place (`seq` counts without a gap within `epoch`) and its JSON."""

    epoch: str
    seq: int
    reading_id: ReadingId
    body: bytes


def seal(entry: Entry) -> bytes:
    """The bytes on disk: a mark, a CRC-32 over all that follows, the length, the place, the body."""
    place = (entry.epoch.encode(), str(entry.seq).encode(), entry.reading_id.encode())
    content = _SEPARATOR.join((*place, entry.body))
    return _HEAD.pack(_MAGIC, zlib.crc32(content), len(content)) + content


def unseal(sealed: object, start: int = 0) -> Entry | None:
    """The entry sealed at `start` of the bytes; None where a single bit of it is not as it was written.

    A damaged file may give anything for a blob, so anything is taken.
    """
    if not isinstance(sealed, bytes) or len(sealed) - start < _HEAD.size:
        return None
    magic, checksum, length = _HEAD.unpack_from(sealed, start)
    content = sealed[start + _HEAD.size : start + _HEAD.size + length] if length <= _LONGEST else b""
    if magic != _MAGIC or len(content) != length or zlib.crc32(content) != checksum:
        return None
    parts = content.split(_SEPARATOR, 3)
    if len(parts) != 4:
        return None
    try:
        epoch, seq, reading_id = (part.decode("ascii") for part in parts[:3])
        return Entry(epoch=epoch, seq=int(seq), reading_id=ReadingId(reading_id), body=parts[3])
    except ValueError:
        return None


def scan(data: bytes) -> Iterator[Entry]:
    """Every entry that lies whole in the bytes of a damaged file, wherever it lies."""
    for found in re.finditer(re.escape(_MAGIC), data):
        entry = unseal(data, found.start())
        if entry is not None:
            yield entry
