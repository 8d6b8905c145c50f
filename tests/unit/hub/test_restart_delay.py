"""How long a process that dies waits for its next start."""

from hub.supervise import cause, restart_delay_s


def test_the_first_restart_is_quick_and_the_tenth_is_not() -> None:
    assert restart_delay_s(1) < 0.5
    assert restart_delay_s(10) == 10


def test_each_death_in_a_row_waits_longer_up_to_a_bound() -> None:
    delays = [restart_delay_s(deaths) for deaths in range(1, 30)]
    assert delays == sorted(delays)
    assert delays[-1] == 10


def test_a_signal_is_named() -> None:
    assert cause(-9) == "killed by SIGKILL"
    assert cause(3) == "exit code 3"
