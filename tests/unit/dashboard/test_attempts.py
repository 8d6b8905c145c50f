"""Guessing passwords grows slow; it never locks anybody out for good."""

from datetime import UTC, datetime, timedelta

from dashboard.attempts import PER_ACCOUNT, PER_ADDRESS, WINDOW, Attempts

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_an_account_waits_after_five_failures_and_may_try_again_when_the_first_is_old() -> None:
    attempts = Attempts()
    for second in range(PER_ACCOUNT):
        assert attempts.wait("a@example.org", "10.0.0.1", NOW) is None
        attempts.failed("A@example.org", "10.0.0.1", NOW + timedelta(seconds=second))
    assert attempts.wait("a@example.org", "10.0.0.2", NOW + timedelta(minutes=5)) == timedelta(minutes=10)
    assert attempts.wait("a@example.org", "10.0.0.2", NOW + WINDOW) is None


def test_an_address_waits_whatever_accounts_it_tries() -> None:
    attempts = Attempts()
    for number in range(PER_ADDRESS):
        attempts.failed(f"{number}@example.org", "10.0.0.1", NOW)
    assert attempts.wait("new@example.org", "10.0.0.1", NOW) == WINDOW
    assert attempts.wait("new@example.org", "10.0.0.2", NOW) is None


def test_success_forgives_the_account() -> None:
    attempts = Attempts()
    for _ in range(PER_ACCOUNT):
        attempts.failed("a@example.org", "10.0.0.1", NOW)
    attempts.succeeded("a@example.org")
    assert attempts.wait("a@example.org", "10.0.0.3", NOW) is None
