"""The outbox on a real disk."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from gateway.outbox import Outbox
from gateway.outbox_errors import OutboxFull, OutboxInUse, OutboxTooNew
from tests.harness.readings import reading
from wire.messages import Quarantined, WireReading

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def now() -> datetime:
    return NOW


@pytest.fixture
def open_outbox(tmp_path: Path) -> Iterator[Callable[..., Outbox]]:
    opened: list[Outbox] = []
    epochs = map("epoch-{}".format, itertools.count(1))

    def make(**changed: int) -> Outbox:
        opened.append(Outbox(tmp_path, new_epoch=lambda: next(epochs), now=now, **changed))
        return opened[-1]

    yield make
    for outbox in opened:
        outbox.close()


def ids(outbox: Outbox) -> list[str]:
    return [item.entry.reading_id for item in outbox.fetch(outbox.rows())]


def test_a_stored_reading_is_there_after_a_restart_under_the_same_number(
    open_outbox: Callable[..., Outbox],
) -> None:
    outbox = open_outbox()
    stored = [outbox.store(reading(number)) for number in range(3)]
    assert [(each.epoch, each.seq) for each in stored if each] == [
        ("epoch-1", number) for number in (1, 2, 3)
    ]
    outbox.close()
    again = open_outbox()
    assert ids(again) == [reading(number).reading_id for number in range(3)]
    fourth = again.store(reading(3))
    assert fourth is not None
    assert (fourth.epoch, fourth.seq) == ("epoch-1", 4)


def test_what_travels_is_the_reading_with_aware_times(open_outbox: Callable[..., Outbox]) -> None:
    outbox = open_outbox()
    outbox.store(reading(7))
    (waiting,) = outbox.fetch(outbox.rows())
    travelling = msgspec.json.decode(waiting.entry.body, type=WireReading)
    assert travelling.seq == waiting.entry.seq == 1
    assert travelling.measured_at == reading(7).measured_at
    assert travelling.measured_at.utcoffset() is not None
    assert travelling.received_at.utcoffset() is not None
    assert travelling.values == {"systolic": 127.0, "diastolic": 80.0, "heart_rate": 71.0}
    assert bytes.fromhex(travelling.raw) == reading(7).raw


def test_the_same_reading_is_stored_once_and_takes_no_number(open_outbox: Callable[..., Outbox]) -> None:
    outbox = open_outbox()
    assert outbox.store(reading(1)) is not None
    assert outbox.store(reading(1)) is None
    second = outbox.store(reading(2))
    assert second is not None
    assert second.seq == 2


def test_what_the_hub_stored_is_forgotten_and_what_it_refused_is_kept_aside(
    open_outbox: Callable[..., Outbox], tmp_path: Path
) -> None:
    outbox = open_outbox()
    rows = [stored.row for stored in map(outbox.store, map(reading, range(3))) if stored]
    refused = Quarantined(id=reading(1).reading_id, reason="unknown device")
    assert outbox.settle([reading(0).reading_id, "never heard of"], [refused]) == rows[:2]
    assert outbox.settle([reading(0).reading_id], [refused]) == []
    assert ids(outbox) == [reading(2).reading_id]
    assert (outbox.counts().waiting, outbox.counts().quarantined) == (1, 1)
    assert outbox.store(reading(1)) is None, "a refused reading that the device sends again is known"
    outbox.close()
    with sqlite3.connect(tmp_path / "outbox.sqlite") as file:
        kept = file.execute("SELECT id, reason, quarantined_at FROM quarantine").fetchall()
    file.close()
    assert kept == [(reading(1).reading_id, "unknown device", NOW.isoformat())]


def test_a_number_is_never_used_twice_even_when_the_newest_row_is_gone(
    open_outbox: Callable[..., Outbox],
) -> None:
    outbox = open_outbox()
    first = outbox.store(reading(1))
    outbox.settle([reading(1).reading_id], [])
    second = outbox.store(reading(2))
    assert first is not None
    assert second is not None
    assert (second.row, second.seq) == (first.row + 1, first.seq + 1)


def test_the_file_is_durable_and_says_so(open_outbox: Callable[..., Outbox]) -> None:
    file = open_outbox()._file
    assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert file.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    strict = file.execute("SELECT DISTINCT strict FROM pragma_table_list WHERE name = 'waiting'").fetchone()
    assert strict == (1,)


def test_a_second_gateway_on_the_same_directory_is_refused(
    open_outbox: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.outbox_file.LOCK_WAIT_S", 0.05)
    open_outbox()
    with pytest.raises(OutboxInUse, match="stop that one first"):
        open_outbox()


def test_an_outbox_of_a_newer_version_is_left_alone(
    open_outbox: Callable[..., Outbox], tmp_path: Path
) -> None:
    open_outbox().close()
    with sqlite3.connect(tmp_path / "outbox.sqlite") as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(OutboxTooNew, match="newer gateway"):
        open_outbox()


def test_a_full_outbox_starts_no_session_but_still_stores_what_one_under_way_hands_over(
    open_outbox: Callable[..., Outbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.outbox.HEADROOM_BYTES", 64 << 10)
    outbox = open_outbox(quota_bytes=64 << 10)
    assert outbox.has_room()
    number = 0
    while outbox.has_room():
        assert outbox.store(reading(number))
        number += 1
    assert outbox.store(reading(number)), "the headroom is for this"
    with pytest.raises(OutboxFull):
        [outbox.store(reading(more)) for more in range(number + 1, number + 1000)]
    kept = ids(outbox)
    assert kept[: number + 1] == [reading(each).reading_id for each in range(number + 1)]
    assert len(outbox.settle(kept, [])) == len(kept), "a full outbox can still forget"
    assert outbox.has_room()
