"""How a process is asked to stop."""

import signal
from collections.abc import Iterator

import pytest

from runtime.stop import stop_on_signals


@pytest.fixture(autouse=True)
def handlers_are_put_back() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_terminate_and_interrupt_ask_it_to_stop(number: signal.Signals) -> None:
    stopping = stop_on_signals()
    assert not stopping.is_set()
    signal.raise_signal(number)
    assert stopping.is_set()


def test_more_signals_may_ask_too() -> None:
    stopping = stop_on_signals(signal.SIGHUP)
    signal.raise_signal(signal.SIGHUP)
    assert stopping.is_set()
