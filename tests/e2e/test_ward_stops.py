"""Stopping a ward, starting it again, and what is left when nobody could stop it in order."""

import signal
import time

from tests.harness.waiting import wait_until
from tests.harness.ward import RunningWard, descendants_of, is_alive


def test_ctrl_c_stops_everything_within_ten_seconds_and_leaves_no_process(ward: RunningWard) -> None:
    everyone = descendants_of(ward.up.process.pid)
    assert len(everyone) > 8
    began = time.monotonic()
    assert ward.up.stop(number=signal.SIGINT, within_s=10) == 0
    assert time.monotonic() - began < 10
    assert [process_id for process_id in everyone if is_alive(process_id)] == []
    assert "nothing is left running" in ward.up.log
    assert "Traceback" not in ward.up.log


def test_it_starts_again_quickly_with_the_same_ward(ward: RunningWard) -> None:
    ward.start()
    assert ward.start_s < 20
    assert "found the one of last time" in ward.up.log
    assert "died" not in ward.up.log


def test_a_second_up_on_the_same_home_is_refused_and_the_first_goes_on(ward: RunningWard) -> None:
    second = ward.start_another()
    assert second.process.wait(timeout=30) == 1
    assert "already running" in second.log
    assert ward.up.is_running


def test_when_up_itself_is_killed_nothing_is_left_running_and_the_next_start_succeeds(
    ward: RunningWard,
) -> None:
    everyone = descendants_of(ward.up.process.pid)
    ward.up.kill()
    wait_until(
        lambda: not any(is_alive(process_id) for process_id in everyone),
        deadline_s=10,
        what="every process of the ward has ended",
    )
    ward.start()
    assert ward.up.is_running
