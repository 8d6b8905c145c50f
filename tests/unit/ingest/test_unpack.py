"""A message is taken apart so that one bad reading spoils only itself, and nothing stops the taking apart."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.rejection import Reason, Rejection
from ingest.unpack import Part, Unpacked, part, unpack
from tests.unit.ingest.said import HOME, NOON, cuff_reading, message


def opened(payload: bytes) -> Unpacked:
    found = unpack(payload)
    assert isinstance(found, Unpacked), found
    return found


def refusal(one: Part) -> Reason:
    assert one.refusal is not None
    assert one.reading is None
    return one.refusal.reason


def test_a_message_opens_into_its_readings_as_they_came() -> None:
    first, second = cuff_reading(), cuff_reading({"id": "r2", "seq": 2})
    found = opened(message(first, second))
    assert (found.version, found.gateway_id, found.epoch, found.sent_at) == (1, HOME, "e1", NOON)
    assert [one.reading for one in found.parts] == [first, second]
    assert [one.body for one in found.parts] == [msgspec.json.encode(first), msgspec.json.encode(second)]
    assert [(one.reading_id, one.seq, one.device_id) for one in found.parts] == [
        ("r1", 1, "cuff-1"),
        ("r2", 2, "cuff-1"),
    ]


@pytest.mark.parametrize(
    ("bad", "reading_id", "seq"),
    [
        (b'{"id":"bad","seq":2,"device":"cuff-1","values":"many"}', "bad", 2),
        (b'{"id":"bad","seq":"two"}', "bad", None),
        (b'{"id":"two words","seq":2}', None, 2),
        (b'{"id":"nul\\u0000","seq":2}', None, 2),
        (b'{"seq":2}', None, None),
        (b"[]", None, None),
        (b"null", None, None),
    ],
)
def test_one_bad_reading_spoils_only_itself_and_its_id_is_kept_where_it_has_one(
    bad: bytes, reading_id: str | None, seq: int | None
) -> None:
    good_before, spoiled, good_after = opened(
        message(cuff_reading(), bad, cuff_reading({"id": "r3", "seq": 3}))
    ).parts
    assert good_before.refusal is None
    assert good_after.refusal is None
    assert refusal(spoiled) is Reason.UNDECODABLE
    assert (spoiled.reading_id, spoiled.seq, spoiled.body) == (reading_id, seq, bad)


@pytest.mark.parametrize(
    "fields", [{"seq": 0}, {"user_slot": 256}, {"user_slot": -1}, {"id": "x" * 65}, {"device": ""}]
)
def test_a_reading_whose_ids_or_numbers_are_not_sound_is_refused(fields: dict[str, object]) -> None:
    body = msgspec.json.encode(msgspec.structs.replace(cuff_reading(), **fields))
    assert refusal(part(body)) is Reason.UNDECODABLE


def test_a_time_without_its_offset_is_refused() -> None:
    body = msgspec.json.encode(cuff_reading()).replace(b"12:00:00Z", b"12:00:00")
    assert refusal(part(body)) is Reason.UNDECODABLE


def test_readings_of_an_unknown_version_are_refused_one_by_one_with_their_ids() -> None:
    found = opened(message(cuff_reading(), b'{"id":"r2","shape":"new"}', version=2))
    assert [one.reading_id for one in found.parts] == ["r1", "r2"]
    assert {refusal(one) for one in found.parts} == {Reason.UNKNOWN_VERSION}
    assert (found.version, found.gateway_id, found.epoch) == (2, HOME, "e1")


def test_a_message_without_a_sound_envelope_still_gives_its_ids() -> None:
    found = opened(b'{"v":1,"gateway":"gw-1","readings":[{"id":"r1"}]}')
    assert [one.reading_id for one in found.parts] == ["r1"]
    assert {refusal(one) for one in found.parts} == {Reason.UNDECODABLE}


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b"[1,2]",
        b'{"v":"1"}',
        b'{"v":1,"readings":[]}',
        b"[" * 100_000,
        b'{"v":1,"readings":' + b"[" * 100_000,
    ],
)
def test_a_message_in_which_nothing_can_be_made_out_is_refused_whole(payload: bytes) -> None:
    found = unpack(payload)
    assert isinstance(found, Rejection)
    assert found.reason is Reason.UNDECODABLE


def test_an_empty_batch_is_a_message_without_readings() -> None:
    assert list(opened(message()).parts) == []


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_taking_apart(payload: bytes) -> None:
    unpack(payload)
    part(payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    field=st.sampled_from(list(cuff_reading().__struct_fields__)),
    value=json_values,
)
def test_a_reading_with_anything_in_one_field_is_a_reading_or_is_refused(field: str, value: object) -> None:
    said = msgspec.to_builtins(cuff_reading()) | {field: value}
    try:
        body = msgspec.json.encode(said)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError):
        return
    (one,) = opened(message(body)).parts
    assert (one.refusal is None) is (one.reading is not None)
