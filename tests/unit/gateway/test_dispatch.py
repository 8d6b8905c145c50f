"""Which readings go to the hub next."""

from random import Random

import pytest

from gateway.dispatch import ACK_WAIT_S, BATCH, LIVE_LANE, RESEND_CAP_S, WINDOW, Dispatch


def connected(rows: range | list[int]) -> Dispatch:
    dispatch = Dispatch(rows, chance=Random(1))
    dispatch.connected()
    return dispatch


def send_all(dispatch: Dispatch, now_s: float = 0.0) -> list[list[int]]:
    batches: list[list[int]] = []
    while rows := dispatch.pick(now_s):
        dispatch.sent(rows, now_s)
        batches.append(rows)
    return batches


def test_nothing_is_sent_without_a_connection() -> None:
    dispatch = Dispatch([1, 2], chance=Random(1))
    assert dispatch.pick(0.0) == []
    assert dispatch.wake_s() is None


def test_the_newest_go_first_in_batches() -> None:
    batches = send_all(connected(range(1, 251)))
    assert [len(batch) for batch in batches] == [BATCH, BATCH, 50]
    assert batches[0] == list(range(250, 150, -1))


def test_a_backlog_leaves_places_that_a_live_reading_takes_at_once_and_alone() -> None:
    dispatch = connected(range(1, 5001))
    assert len(send_all(dispatch)) == WINDOW - LIVE_LANE
    dispatch.added(5001)
    assert send_all(dispatch) == [[5001]]
    dispatch.added(5002)
    assert send_all(dispatch) == [[5002]]
    dispatch.added(5003)
    assert send_all(dispatch) == [], "the window is full"


def test_what_was_stored_while_offline_is_backlog() -> None:
    dispatch = Dispatch([], chance=Random(1))
    for row in range(1, 5001):
        dispatch.added(row)
    dispatch.connected()
    assert len(send_all(dispatch)) == WINDOW - LIVE_LANE


def test_an_answer_makes_room_and_the_rows_never_come_back() -> None:
    dispatch = connected(range(1, 5001))
    first = send_all(dispatch)[0]
    dispatch.answered(first, 1.0)
    more = send_all(dispatch, 1.0)
    assert len(more) == 1
    dispatch.disconnected()
    dispatch.connected()
    assert not set(first) & {row for batch in send_all(dispatch, 2.0) for row in batch}


def test_a_message_without_an_answer_goes_again_and_ever_later() -> None:
    dispatch = connected([1])
    now_s = 0.0
    waits: list[float] = []
    for _ in range(30):
        assert send_all(dispatch, now_s) == [[1]]
        wake_s = dispatch.wake_s()
        assert wake_s is not None
        assert dispatch.pick(wake_s - 0.001) == []
        waits.append(wake_s - now_s)
        now_s = wake_s
    assert all(ACK_WAIT_S <= wait_s <= ACK_WAIT_S + RESEND_CAP_S for wait_s in waits)
    assert waits[0] <= ACK_WAIT_S + 1
    assert max(waits) > 60


def test_an_answer_to_a_later_message_hurries_an_earlier_one() -> None:
    dispatch = connected([1])
    now_s = 0.0
    for _ in range(12):
        send_all(dispatch, now_s)
        now_s = dispatch.wake_s() or 0.0
    send_all(dispatch, now_s)
    dispatch.added(2)
    send_all(dispatch, now_s + 1)
    dispatch.answered([2], now_s + 1.1)
    wake_s = dispatch.wake_s()
    assert wake_s is not None
    assert wake_s <= now_s + 1.1 + ACK_WAIT_S


def test_a_refused_message_rests_before_it_goes_again() -> None:
    dispatch = connected([1])
    rows = dispatch.pick(0.0)
    dispatch.undelivered(dispatch.sent(rows, 0.0), 0.0)
    wake_s = dispatch.wake_s()
    assert wake_s is not None
    assert dispatch.pick(wake_s - 0.001) == []
    assert dispatch.pick(wake_s) == [1]


def test_a_row_that_keeps_failing_ends_up_alone() -> None:
    dispatch = connected(range(1, 21))
    sizes: list[int] = []
    now_s = 0.0
    for _ in range(6):
        sizes.append(max(len(batch) for batch in send_all(dispatch, now_s)))
        now_s += ACK_WAIT_S + RESEND_CAP_S
    assert sizes == [20, 20, 20, 10, 10, 1]


def test_after_two_fruitless_connections_one_reading_goes_at_a_time_until_something_comes_through() -> None:
    dispatch = connected(range(1, 1001))
    for _ in range(2):
        send_all(dispatch)
        dispatch.disconnected()
        dispatch.connected()
    assert send_all(dispatch) == [[1000]]
    dispatch.answered([1000], 1.0)
    assert [len(batch) for batch in send_all(dispatch, 1.0)] == [4, 4]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_picked_and_put_back_is_picked_again(seed: int) -> None:
    dispatch = Dispatch(range(10), chance=Random(seed))
    dispatch.connected()
    rows = dispatch.pick(0.0)
    dispatch.put_back(rows[3:])
    dispatch.sent(rows[:3], 0.0)
    assert dispatch.pick(0.0) == rows[3:]
