"""Channels that hang, senders that end, rows that are held, clocks that go back: somebody is told anyway."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from alerts import actions
from alerts.notify import channels, deliver, policy
from alerts.notify.deliver import Postman
from alerts.notify.rounds import Office, look, round_of, staffing_of
from alerts.notify.settings import NotifySettings
from alerts.notify.worker import open_channels
from runtime.clock import utc_now
from store import alerts as stored
from store import contacts, deliveries
from store.connection import Connection, connect, transaction
from tests.harness.receivers import HookReceiver, hook_receiver
from tests.harness.small_ward import WARD
from tests.harness.waiting import wait_until
from tests.integration.alerts.notify.conftest import DOCTOR, NURSE, POLICY, raise_alert, running
from vitals.alert import Alert, Priority

Make = Callable[..., NotifySettings]
HOUR = timedelta(hours=1)


def hook(receiver: HookReceiver, name: str = "pager") -> str:
    secret = "a secret of enough length"
    return f'[{name}]\nkind = "webhook"\nurl = "{receiver.url}"\nsecret = "{secret}"\ntimeout_seconds = 60\n'


def office(given: NotifySettings) -> Office:
    return Office(
        policy=policy.load(given.notify_policy_file),
        channels=channels.load(given.notify_channels_file),
        hub_url="https://hub.example",
    )


def results(connection: Connection, alert: Alert) -> list[tuple[str, str, str]]:
    told = deliveries.of_alert(connection, alert.alert_id)
    return [(one.channel, one.state.value, one.result) for one in told]


def posts_of(receiver: HookReceiver, alert: Alert) -> int:
    return sum(f'"alert_id":{alert.alert_id},' in post.body.decode() for post in receiver.posts)


@contextmanager
def sending(given: NotifySettings, stopwatch: Callable[[], float]) -> Iterator[None]:
    """A postman of its own, whose stopwatch is ours."""
    attempts = policy.load(given.notify_policy_file).attempts
    opened = open_channels(channels.load(given.notify_channels_file))
    stopping = threading.Event()
    postman = Postman(given.conninfo(), opened, attempts, stopwatch=stopwatch)
    thread = threading.Thread(target=postman.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()


def test_a_channel_that_hangs_holds_up_no_other(connection: Connection, settings: Make) -> None:
    contacts.add(connection, NURSE, "hangs", "x")
    contacts.add(connection, DOCTOR, "pager", "x")
    many = 3 * deliver._AT_ONCE
    with hook_receiver(lambda _number: -1) as bad, hook_receiver() as good:
        given = settings(hook(bad, "hangs") + hook(good))
        with running(given):
            for number in range(many):
                raise_alert(connection, problem=f"problem {number}")
            wait_until(lambda: len(bad.posts) >= deliver._AT_ONCE, deadline_s=15)
            now = utc_now()
            alert = raise_alert(connection)
            actions.escalate(connection, alert.alert_id, rev=1, actor=NURSE, now=now, to=str(DOCTOR))
            wait_until(lambda: posts_of(good, alert), deadline_s=15, what="the doctor's pager is called")
            assert len(bad.posts) < 2 * deliver._AT_ONCE, "the others wait for a thread"
            bad.released.set()


def test_a_channel_that_never_answers_is_given_up_and_named(connection: Connection, settings: Make) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    contacts.add(connection, DOCTOR, "other", "x")
    seconds = [0.0]
    with hook_receiver(lambda _number: -1) as receiver:
        given = settings(hook(receiver) + hook(receiver, "other"))
        alert = raise_alert(connection)
        round_of(connection, office(given), utc_now())
        with sending(given, lambda: seconds[0]):
            for attempt in (1, 2):
                wait_until(lambda wanted=attempt: len(receiver.posts) == wanted, deadline_s=15)
                seconds[0] += deliver.PATIENCE_S
            given_up = [("pager", "dead", "does not answer")]
            wait_until(lambda: results(connection, alert) == given_up, deadline_s=15)
            [trouble] = deliveries.troubles(connection)
            assert (trouble.channel, trouble.why) == ("pager", "does not answer")
            round_of(connection, office(given), utc_now())
            assert results(connection, alert)[1][0] == "other", "the next person is told by what works"
            receiver.released.set()


def test_a_delivery_whose_senders_end_each_time_is_given_up(connection: Connection, settings: Make) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    with hook_receiver() as receiver:
        given = settings(hook(receiver))
        alert, now, lease = raise_alert(connection), utc_now(), timedelta(seconds=1)
        round_of(connection, office(given), now)
        for number in range(2):
            [_claimed] = deliveries.claim(connection, now=now + number * lease, most=1, lease=lease)
        connection.execute("UPDATE deliveries SET next_try_at = now()")
        with sending(given, lambda: 0.0):
            wait_until(lambda: results(connection, alert)[0][1] == "dead", deadline_s=15)
        assert not receiver.posts


@pytest.mark.parametrize("ahead", [HOUR, 25 * HOUR])
def test_a_clock_that_was_ahead_for_a_moment_keeps_nobody_from_being_told(
    connection: Connection, settings: Make, ahead: timedelta
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    with hook_receiver() as receiver:
        given = settings(hook(receiver), POLICY)
        alert, now = raise_alert(connection), utc_now()
        round_of(connection, office(given), now + ahead)
        round_of(connection, office(given), now)
        with sending(given, lambda: 0.0):
            wait_until(lambda: posts_of(receiver, alert), deadline_s=15, what="the nurse is told")


def test_a_lease_that_was_taken_in_the_future_has_passed(connection: Connection, settings: Make) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    with hook_receiver() as receiver:
        alert, now, lease = raise_alert(connection), utc_now(), timedelta(seconds=90)
        round_of(connection, office(settings(hook(receiver))), now)
    [claimed] = deliveries.claim(connection, now=now + 2 * HOUR, most=1, lease=lease)
    assert claimed.alert_id == alert.alert_id
    [again] = deliveries.claim(connection, now=now, most=1, lease=lease)
    assert (again.key, again.attempts) == (claimed.key, 2)
    assert deliveries.claim(connection, now=now, most=1, lease=lease) == []


def test_an_alert_that_somebody_holds_keeps_nobody_from_being_told_of_the_others(
    connection: Connection, database_url: str, settings: Make
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    with hook_receiver() as receiver:
        told = office(settings(hook(receiver)))
    held, other = raise_alert(connection), raise_alert(connection, problem="other")
    tick = timedelta(milliseconds=50)
    with (
        connect(database_url, application="holds") as holder,
        connect(database_url, application="test", lock_timeout=tick) as own,
    ):
        with transaction(holder):
            stored.get_locked(holder, held.alert_id)
            staffing = staffing_of(own, WARD, told.channels, utc_now())
            assert look(own, held.alert_id, told, staffing, utc_now()) == [], "it does not wait"
            round_of(own, told, utc_now())
            assert results(connection, held) == []
            assert len(results(connection, other)) == 1
        round_of(own, told, utc_now())
    assert len(results(connection, held)) == 1


def test_in_a_storm_the_most_pressing_is_decided_about_first(connection: Connection) -> None:
    routine, soon, urgent = (
        raise_alert(connection, priority, problem)
        for priority, problem in ((Priority.LOW, "a"), (Priority.MEDIUM, "b"), (Priority.HIGH, "c"))
    )
    due = [alert_id for alert_id, _ward in deliveries.due_alerts(connection, utc_now())]
    assert due == [urgent.alert_id, soon.alert_id, routine.alert_id]
