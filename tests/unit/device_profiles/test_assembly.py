"""Frames that span notifications come out whole, however they were cut, and nothing grows without end."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.assembly import PartAssembler, StreamAssembler
from device_profiles.vendor import berry, beurer_e7, lefu, mightysat, viatom

Framing = tuple[Callable[[bytes], int | None], Callable[[bytes], bool], list[bytes]]
FRAMINGS: dict[str, Framing] = {
    "mightysat": (
        mightysat.length_of,
        mightysat.is_whole,
        [bytes.fromhex("77140163101f00030100170010e6000000f600000018"), mightysat.encode(b"\xfe\x02")],
    ),
    "viatom": (
        viatom.length_of,
        viatom.is_whole,
        [viatom.encode(viatom.ANSWER, 0, bytes.fromhex("614800000000005501030601"))],
    ),
    "lefu": (
        lefu.length_of,
        lefu.is_whole,
        [lefu.encode(0x24, bytes.fromhex("011100002553")), lefu.encode(0x21, bytes.fromhex("010000255d"))],
    ),
    "berry": (berry.length_of, berry.is_whole, [bytes.fromhex("8732054862"), bytes.fromhex("8520441661")]),
}


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    chunks: list[bytes] = []
    for size in sizes:
        chunks.append(data[:size])
        data = data[size:]
    return [*chunks, data]


@pytest.mark.parametrize("name", FRAMINGS)
@given(sizes=st.lists(st.integers(1, 30), max_size=12), turns=st.integers(1, 4))
def test_frames_come_out_whole_however_the_stream_is_cut(name: str, sizes: list[int], turns: int) -> None:
    length, whole, frames = FRAMINGS[name]
    assembler = StreamAssembler(length, whole)
    found = [frame for chunk in cut(b"".join(frames * turns), sizes) for frame in assembler.feed(chunk)]
    assert found == frames * turns


@pytest.mark.parametrize("name", FRAMINGS)
@given(garbage=st.binary(max_size=12))
def test_a_stream_finds_its_feet_after_garbage(name: str, garbage: bytes) -> None:
    length, whole, frames = FRAMINGS[name]
    assembler = StreamAssembler(length, whole, largest=64)
    found = [frame for chunk in (garbage, *frames * 8) for frame in assembler.feed(chunk)]
    assert frames[-1] in found


@pytest.mark.parametrize("name", FRAMINGS)
def test_a_frame_with_a_wrong_check_never_comes_out(name: str) -> None:
    length, whole, frames = FRAMINGS[name]
    spoilt = bytearray(frames[0])
    spoilt[-1] ^= 0xFF
    assert bytes(spoilt) not in StreamAssembler(length, whole).feed(bytes(spoilt))


@given(chunks=st.lists(st.binary(max_size=64), max_size=60))
def test_the_buffer_is_bounded_whatever_comes(chunks: list[bytes]) -> None:
    for length, whole, _frames in FRAMINGS.values():
        assembler = StreamAssembler(length, whole, largest=48)
        for chunk in chunks:
            assembler.feed(chunk)
        assert len(assembler._buffer) <= 48  # pyright: ignore[reportPrivateUsage]  # what this is about


def test_the_buffer_is_bounded_where_a_frame_never_tells_its_length() -> None:
    assembler = StreamAssembler(lambda _buffer: 0, lambda _frame: True, largest=48)
    for _chunk in range(10):
        assembler.feed(bytes(20))
    assert len(assembler._buffer) <= 48  # pyright: ignore[reportPrivateUsage]  # what this is about


PARTS = [
    bytes.fromhex(part)
    for part in (
        "e7590301010000000000000065",
        "e75903026a21f4c6068701b500df02",
        "e759030309018d00e907170aa20108",
    )
]


def parts() -> PartAssembler:
    return PartAssembler(beurer_e7.part_of, beurer_e7.join)


def test_numbered_parts_are_joined_in_their_order() -> None:
    assembler = parts()
    assert [assembler.feed(part) for part in PARTS[:2]] == [[], []]
    assert len(assembler.feed(PARTS[2])) == 1


def test_a_part_out_of_order_spoils_the_whole_and_not_the_next() -> None:
    assembler = parts()
    assert [assembler.feed(part) for part in (PARTS[0], PARTS[2], PARTS[1])] == [[], [], []]
    assert [frame for part in PARTS for frame in assembler.feed(part)] != []


def test_a_chunk_without_a_number_passes_through() -> None:
    assert parts().feed(b"\xe7\x58\x01\x08\x5e") == [b"\xe7\x58\x01\x08\x5e"]
