"""Whatever becomes of the outbox's file, the gateway starts, and every row that is whole is kept."""

import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from gateway.outbox import Outbox
from gateway.record import scan
from tests.harness.readings import reading
from tests.harness.waiting import wait_until

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
ROWS = 60


def open_outbox(directory: Path) -> Outbox:
    return Outbox(directory, new_epoch=lambda: uuid.uuid4().hex, now=lambda: NOW)


def filled(directory: Path) -> set[str]:
    outbox = open_outbox(directory)
    stored = [reading(number) for number in range(ROWS)]
    for each in stored:
        outbox.store(each)
    outbox.close()
    return {each.reading_id for each in stored}


def ids(outbox: Outbox) -> set[str]:
    return {item.entry.reading_id for item in outbox.fetch(outbox.rows())}


def flip(data: bytearray, chance: Random) -> None:
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] ^= chance.randint(1, 255)


def cut(data: bytearray, chance: Random) -> None:
    del data[chance.randrange(len(data)) :]


def overwrite(data: bytearray, chance: Random) -> None:
    start = chance.randrange(len(data))
    length = min(chance.randint(1, 6000), len(data) - start)
    data[start : start + length] = chance.randbytes(length)


def behead(data: bytearray, chance: Random) -> None:
    data[: chance.randint(1, 4096)] = bytes(chance.randint(1, 4096))


@pytest.mark.parametrize("mutate", [flip, cut, overwrite, behead])
def test_every_whole_row_of_a_damaged_file_is_carried_over(
    mutate: Callable[[bytearray, Random], None], tmp_path: Path
) -> None:
    pristine = tmp_path / "pristine"
    promised = filled(pristine)
    original = (pristine / "outbox.sqlite").read_bytes()
    for seed in range(12):
        directory = tmp_path / f"{seed}"
        directory.mkdir()
        data = bytearray(original)
        mutate(data, Random(seed))
        (directory / "outbox.sqlite").write_bytes(data)
        whole = {entry.reading_id for entry in scan(bytes(data))}
        outbox = open_outbox(directory)
        try:
            kept = ids(outbox)
            assert whole <= kept, "every row with a good checksum"
            assert kept <= promised
            assert outbox.store(reading(1000)), "and it works"
            aside = list(directory.glob("outbox-damaged-*.sqlite"))
            if kept - {reading(1000).reading_id} != promised:
                assert [path.read_bytes() for path in aside] != [], "the damaged file is kept"
        finally:
            outbox.close()


def test_rows_of_a_damaged_file_keep_their_numbers_and_new_ones_get_a_new_epoch(tmp_path: Path) -> None:
    filled(tmp_path)
    before = open_outbox(tmp_path)
    numbers = {(item.entry.epoch, item.entry.seq) for item in before.fetch(before.rows())}
    before.close()
    path = tmp_path / "outbox.sqlite"
    data = bytearray(path.read_bytes())
    data[:100] = bytes(100)
    path.write_bytes(data)
    epochs = iter(["new epoch"])
    after = Outbox(tmp_path, new_epoch=lambda: next(epochs), now=lambda: NOW)
    assert {(item.entry.epoch, item.entry.seq) for item in after.fetch(after.rows())} == numbers
    stored = after.store(reading(1000))
    after.close()
    assert stored is not None
    assert (stored.epoch, stored.seq) == ("new epoch", 1)


@pytest.mark.parametrize("steps_done", [0, 1, 2])
def test_a_crash_while_the_salvaged_file_is_put_in_place_loses_nothing(
    steps_done: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promised = filled(tmp_path)
    path = tmp_path / "outbox.sqlite"
    data = bytearray(path.read_bytes())
    data[:100] = bytes(100)
    path.write_bytes(data)
    left = steps_done
    replace = Path.replace

    def crash_later(source: Path, target: Path) -> Path:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        return replace(source, target)

    with monkeypatch.context() as crashing:
        crashing.setattr(Path, "replace", crash_later)
        with pytest.raises(KeyboardInterrupt):
            open_outbox(tmp_path)
    outbox = open_outbox(tmp_path)
    assert ids(outbox) == promised
    outbox.close()


def test_damage_that_shows_while_the_outbox_is_open_costs_no_reading(tmp_path: Path) -> None:
    outbox = open_outbox(tmp_path)
    for number in range(ROWS):
        outbox.store(reading(number))
    outbox._file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    outbox._file.execute("PRAGMA cache_size = 0")
    path = tmp_path / "outbox.sqlite"
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("gateway.outbox_file.LOCK_WAIT_S", 0.1)
        assert outbox.store(reading(1000)) is not None
    assert outbox.incarnation == 1
    assert ids(outbox) == {reading(number).reading_id for number in (*range(ROWS), 1000)}
    outbox.close()


def test_rows_after_a_torn_place_in_the_log_are_put_back_under_their_numbers(tmp_path: Path) -> None:
    living = tmp_path / "living"
    outbox = open_outbox(living)
    for number in range(ROWS):
        outbox.store(reading(number))
    main, wal = (living / name for name in ("outbox.sqlite", "outbox.sqlite-wal"))
    for seed in range(10):
        directory = tmp_path / f"{seed}"
        directory.mkdir()
        torn = bytearray(wal.read_bytes())
        assert len(torn) > 100_000
        torn[Random(seed).randrange(5000, len(torn))] ^= 0xFF
        (directory / main.name).write_bytes(main.read_bytes())
        (directory / wal.name).write_bytes(torn)
        whole = {entry.reading_id for entry in scan(bytes(torn))}
        after = open_outbox(directory)
        assert ids(after) >= whole
        assert len(whole) >= ROWS - 1
        stored = after.store(reading(1000))
        seqs = [item.entry.seq for item in after.fetch(after.rows())]
        assert stored is not None
        assert seqs == sorted(set(seqs))
        assert stored.seq == ROWS + 1
        after.close()
    outbox.close()


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gateway.outbox import Outbox
from tests.harness.readings import reading
outbox = Outbox(Path(sys.argv[1]), new_epoch=lambda: "e", now=lambda: datetime(2026, 3, 1, tzinfo=UTC))
number = len(outbox.rows())
while True:
    outbox.store(reading(number))
    print(reading(number).reading_id, flush=True)
    number += 1
"""


def test_every_reading_reported_as_stored_survives_kill_9(tmp_path: Path) -> None:
    reported: set[str] = set()
    for round_number in range(4):
        printed = tmp_path / f"{round_number}.txt"
        with printed.open("wb") as output:
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITER, str(tmp_path / "box")],
                stdout=output,
                cwd=Path(__file__).parents[2],
            )
        wait_until(lambda at=printed: at.stat().st_size > 500, what="some readings are stored")
        writer.send_signal(signal.SIGKILL)
        writer.wait(10)
        reported |= {line for line in printed.read_text().splitlines() if len(line) == 32}
    outbox = open_outbox(tmp_path / "box")
    assert reported <= ids(outbox)
    seqs = [item.entry.seq for item in outbox.fetch(outbox.rows())]
    assert seqs == list(range(1, len(seqs) + 1)), "without a gap"
    outbox.close()
