"""The canary notices a session that is connected and deaf, and nothing else."""

from ingest.canary import EVERY_S, LOST_AFTER_S, Canary


def test_one_is_sent_after_a_while_of_connection_and_then_regularly() -> None:
    canary = Canary()
    canary.connected(100.0)
    assert not canary.is_due(100.0 + EVERY_S - 1)
    assert canary.is_due(100.0 + EVERY_S)
    canary.sent(130.0)
    assert not canary.is_due(159.0)
    assert canary.is_due(160.0)


def test_it_is_lost_when_nothing_comes_back_for_long() -> None:
    canary = Canary()
    canary.connected(0.0)
    assert not canary.is_lost(LOST_AFTER_S + 1)  # nothing was sent
    canary.sent(30.0)
    assert not canary.is_lost(LOST_AFTER_S - 1)
    assert canary.is_lost(LOST_AFTER_S)
    canary.heard(95.0)
    assert not canary.is_lost(100.0)


def test_a_new_connection_starts_afresh() -> None:
    canary = Canary()
    canary.connected(0.0)
    canary.sent(30.0)
    canary.connected(300.0)
    assert not canary.is_lost(1000.0)


def test_a_broker_that_forbids_it_is_not_deaf() -> None:
    canary = Canary()
    canary.connected(0.0)
    canary.sent(30.0)
    canary.refused()
    assert not canary.is_lost(1000.0)
    assert not canary.is_due(1000.0)
