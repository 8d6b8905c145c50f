"""A sealed row shows any damage, and is found wherever it lies."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.record import Entry, scan, seal, unseal
from vitals.ids import ReadingId

WORDS = st.text("0123456789abcdef", min_size=1, max_size=32)
ENTRIES = st.builds(
    Entry,
    epoch=WORDS,
    seq=st.integers(1, 2**62),
    reading_id=WORDS.map(ReadingId),
    body=st.binary(max_size=600),
)


@given(entry=ENTRIES)
def test_a_sealed_entry_is_read_back_as_it_was(entry: Entry) -> None:
    assert unseal(seal(entry)) == entry


@given(entry=ENTRIES, place=st.integers(0), flip=st.integers(1, 255))
def test_one_changed_byte_anywhere_breaks_the_seal(entry: Entry, place: int, flip: int) -> None:
    sealed = bytearray(seal(entry))
    sealed[place % len(sealed)] ^= flip
    assert unseal(bytes(sealed)) is None


@given(entries=st.lists(ENTRIES, max_size=5), noise=st.lists(st.binary(max_size=50), min_size=6, max_size=6))
def test_every_whole_entry_is_found_among_noise(entries: list[Entry], noise: list[bytes]) -> None:
    data = b"".join(rubbish + seal(entry) for rubbish, entry in zip(noise, entries, strict=False)) + noise[-1]
    assert list(scan(data)) == entries


@given(data=st.binary(max_size=2000))
def test_noise_alone_is_no_entry_and_no_error(data: bytes) -> None:
    assert list(scan(b"\x9dHWR" + data)) == []
