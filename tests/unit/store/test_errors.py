"""What is worth trying again, what never is, and what is our own mistake, told apart by SQLSTATE."""

import psycopg
import pytest

from store.errors import DataRefused, StoreBusy, StoreUnavailable, foreign_errors, translated


def of_state(state: str) -> psycopg.Error:
    return psycopg.errors.lookup(state)("said the server")


@pytest.mark.parametrize(
    "state",
    [
        "08006",
        "40001",
        "40P01",
        "53100",
        "53300",
        "55P03",
        "57014",
        "57P01",
        "57P03",
        "58030",
        "25006",
        "25P03",
    ],
)
def test_what_passes_by_itself_is_worth_trying_again(state: str) -> None:
    ours = translated(of_state(state))
    assert isinstance(ours, StoreUnavailable)
    assert ours.sqlstate == state


@pytest.mark.parametrize(
    ("state", "busy"), [("40P01", True), ("55P03", True), ("57014", True), ("57P01", False)]
)
def test_what_only_this_work_waits_for_is_told_from_a_database_that_is_away(state: str, busy: bool) -> None:
    assert isinstance(translated(of_state(state)), StoreBusy) is busy


@pytest.mark.parametrize("state", ["22003", "22021", "22P05", "23502", "23503", "23505", "23P01", "54000"])
def test_what_is_wrong_with_the_data_never_is(state: str) -> None:
    ours = translated(of_state(state))
    assert isinstance(ours, DataRefused)
    assert ours.sqlstate == state


@pytest.mark.parametrize("state", ["42P01", "42601", "42501", "0A000"])
def test_a_mistake_of_ours_stays_as_it_is(state: str) -> None:
    assert translated(of_state(state)) is None
    with pytest.raises(psycopg.Error), foreign_errors():
        raise of_state(state)


def test_what_the_client_says_without_the_server_counts_too() -> None:
    assert isinstance(translated(psycopg.OperationalError("connection refused")), StoreUnavailable)
    assert isinstance(translated(psycopg.InterfaceError("the connection is closed")), StoreUnavailable)
    assert isinstance(translated(psycopg.DataError("cannot contain NUL")), DataRefused)
    assert translated(psycopg.ProgrammingError("placeholders")) is None
