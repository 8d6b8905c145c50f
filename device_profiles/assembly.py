"""Whole frames out of chunks: protocols whose frames span notifications, with checksum and bounded buffer."""

from collections.abc import Callable
from typing import TypeAlias

# How many bytes the frame has that starts here: 0 where more are needed to tell, None where none does.
Length: TypeAlias = Callable[[bytes], int | None]
LARGEST_FRAME = 1024


class StreamAssembler:
    """Cuts a stream of bytes into frames that state their length and carry a checksum.

    What is no frame is skipped one byte at a time, so that the stream finds its feet again after a lost
    chunk. The buffer never holds more than the largest frame.
    """

    def __init__(self, length: Length, valid: Callable[[bytes], bool], largest: int = LARGEST_FRAME) -> None:
        self._length = length
        self._valid = valid
        self._largest = largest
        self._buffer = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The frames that this chunk completes."""
        self._buffer += chunk
        frames: list[bytes] = []
        while self._buffer:
            length = self._length(self._buffer)
            if length is None or length > self._largest:
                self._buffer = self._buffer[1:]
            elif length == 0 or len(self._buffer) < length:
                break
            elif self._valid(self._buffer[:length]):
                frames.append(self._buffer[:length])
                self._buffer = self._buffer[length:]
            else:
                self._buffer = self._buffer[1:]
        self._buffer = self._buffer[-self._largest :]
        return frames


class PartAssembler:
    """Joins numbered parts: `number` gives a chunk's part (from 1) and how many there are, `join` the whole.

    A chunk for which `number` gives None is a frame by itself. A part out of order drops what came before.
    """

    def __init__(
        self,
        number: Callable[[bytes], tuple[int, int] | None],
        join: Callable[[list[bytes]], bytes],
        largest_count: int = 8,
    ) -> None:
        self._number = number
        self._join = join
        self._largest_count = largest_count
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """The chunk itself, or the parts joined once the last is there."""
        numbered = self._number(chunk)
        if numbered is None:
            return [chunk]
        part, count = numbered
        if part == 1:
            self._parts = []
        if part != len(self._parts) + 1 or not 1 <= part <= count <= self._largest_count:
            self._parts = []
            return []
        self._parts.append(chunk)
        if part < count:
            return []
        parts, self._parts = self._parts, []
        return [self._join(parts)]
