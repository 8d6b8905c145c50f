"""The policy and channel files: every mistake at once, and the ward's own hours."""

import tomllib
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.notify import channels, policy
from alerts.notify.policy import Attempts, shipped

BERLIN = ZoneInfo("Europe/Berlin")


def raw() -> dict[str, Any]:
    return tomllib.loads(files("alerts.notify").joinpath("policy.toml").read_text("utf-8"))


def mistakes(changed: dict[str, Any]) -> list[str]:
    return [str(mistake) for mistake in policy.parse(changed, "policy.toml")[1]]


def test_the_shipped_policy_is_right() -> None:
    assert mistakes(raw()) == []
    assert shipped().ladder == ("nurse", "backup", "on_call", "lead")


def test_every_mistake_is_said_at_once_with_what_was_meant() -> None:
    changed = raw()
    changed["ladder"] = ["nurse", "on_cal"]
    changed["priorities"]["high"]["acknowledge_minuts"] = 3
    del changed["attempts"]["most"]
    said = mistakes(changed)
    assert "policy.toml: ladder / 1: unknown word 'on_cal'. Did you mean 'on_call'?" in said
    assert any("Did you mean 'acknowledge_minutes'?" in mistake for mistake in said)
    assert "policy.toml: attempts / most: 'most' is missing." in said
    assert len(said) == 3


@pytest.mark.parametrize(
    ("where", "value", "why"),
    [
        (("priorities", "high", "page"), False, "high priority must be told"),
        (("priorities", "high", "in_quiet_hours"), "hold", "high priority must be told"),
        (("ladder",), ["nurse", "nurse", "on_call"], "step twice"),
        (("ladder",), ["nurse"], "begins quiet hours with a step that the ladder does not have"),
        (("quiet_hours", "end"), "21:00:00", "begin and end are the same"),
        (("priorities", "low", "acknowledge_minutes"), 0, "greater than 0"),
    ],
)
def test_a_policy_that_would_leave_somebody_alone_is_refused(
    where: tuple[str, ...], value: object, why: str
) -> None:
    changed = raw()
    table = changed
    for name in where[:-1]:
        table = table[name]
    table[where[-1]] = value
    assert any(why in mistake for mistake in mistakes(changed))


def test_a_priority_that_is_left_out_is_missed() -> None:
    changed = raw()
    del changed["priorities"]["medium"]
    assert any("no medium" in mistake for mistake in mistakes(changed))


def test_quiet_hours_over_midnight_turn_at_the_ward_s_own_times() -> None:
    evening = datetime(2026, 7, 1, 18, 59, tzinfo=UTC)
    assert not shipped().is_quiet(evening, BERLIN)
    assert shipped().is_quiet(evening + timedelta(minutes=1), BERLIN)
    assert shipped().quiet_changes(evening, BERLIN) == datetime(2026, 7, 1, 19, tzinfo=UTC)
    assert shipped().quiet_changes(evening + timedelta(hours=1), BERLIN) == datetime(
        2026, 7, 2, 5, tzinfo=UTC
    )


@given(st.integers(0, 365 * 24 * 60))
def test_quiet_hours_begin_and_end_exactly_where_it_is_said(minutes: int) -> None:
    """All year, the days on which clocks change too."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    turn = shipped().quiet_changes(now, BERLIN)
    assert turn is not None
    assert now < turn <= now + timedelta(hours=15)
    quiet = shipped().is_quiet(now, BERLIN)
    assert shipped().is_quiet(turn - timedelta(microseconds=1), BERLIN) is quiet
    assert shipped().is_quiet(turn, BERLIN) is not quiet


def test_waits_double_up_to_the_longest_and_then_it_is_given_up() -> None:
    attempts = Attempts(most=5, first_wait_seconds=5, longest_wait_seconds=15)
    waits = [attempts.wait(number) for number in range(1, 6)]
    assert waits == [
        timedelta(seconds=5),
        timedelta(seconds=10),
        timedelta(seconds=15),
        timedelta(seconds=15),
        None,
    ]


def test_a_channel_file_s_mistakes_are_said_at_once_and_quote_no_secret() -> None:
    file = {
        "mail": {"kind": "aprise", "url": "mailto://user:hunter2@smtp.example"},
        "pager": {"kind": "webhook", "url": "ftp://x", "secret": "hunter2"},
    }
    found, wrong = channels.parse(file, "channels.toml")
    said = "\n".join(str(mistake) for mistake in wrong)
    assert found == {}
    assert "mail" in said
    assert "url must begin with https:// or http://" in said
    assert "at least 16" in said
    assert "hunter2" not in said


def test_an_address_is_quoted_into_its_place() -> None:
    assert channels.filled("sms://key@host/{address}", "+49 170/1") == "sms://key@host/%2B49%20170%2F1"
