"""The notifier on a real database, SMTP server and HTTP receiver: everybody once, and always somebody."""

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from alerts import actions
from alerts.notify.deliver import Postman
from alerts.notify.settings import NotifySettings
from runtime.clock import utc_now
from store import alerts as stored
from store import contacts, deliveries, heartbeats, troubles
from store.connection import Connection
from store.deliveries import Delivery, DeliveryState
from store.worklist import Asked, worklist
from tests.harness.processes import RunningCommand
from tests.harness.receivers import hook_receiver, mail_server
from tests.harness.small_ward import WARD
from tests.harness.waiting import wait_until
from tests.integration.alerts.notify.conftest import DOCTOR, LEAD, NURSE, POLICY, raise_alert, running
from vitals.alert import Alert, EventKind, Priority

# apprise's mail loads a module of the standard library that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SECRET = "a secret of enough length"
Make = Callable[..., NotifySettings]


def hook(url: str, name: str = "pager") -> str:
    return f'[{name}]\nkind = "webhook"\nurl = "{url}"\nsecret = "{SECRET}"\ntimeout_seconds = 5\n'


def mail(port: int) -> str:
    url = f"mailto://127.0.0.1:{port}?from=hub@ward.example&name=Hearthward&to={{address}}"
    return f'[mail]\nkind = "apprise"\nurl = "{url}"\n'


def states(connection: Connection, alert_id: Any) -> list[str]:
    return [one.state.value for one in deliveries.of_alert(connection, alert_id)]


def canaries(connection: Connection) -> list[str]:
    """Everything that says who somebody is: no message may hold any of it."""
    rows = connection.execute("SELECT given_name, family_name, record_number, patient_id FROM patients")
    return [str(word) for row in rows.fetchall() for word in row]


def test_an_urgent_alert_is_mailed_with_its_number_and_nothing_that_says_whose_it_is(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "mail", "nora@ward.example")
    with mail_server() as server, running(settings(mail(server.port))):
        alert = raise_alert(connection)
        wait_until(lambda: states(connection, alert.alert_id) == ["sent"])
        message = server.parsed(0)
    assert server.recipients == ["nora@ward.example"]
    assert message["Subject"] == f"Urgent alert {alert.alert_id}"
    text = "".join(
        part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart()
    )
    assert f"https://hub.example/app/alerts/{alert.alert_id}" in text
    assert len(canaries(connection)) >= 8
    everything = server.mails[0].decode() + text
    assert [word for word in canaries(connection) if word in everything] == []


def test_a_webhook_is_signed_over_time_and_body_and_names_nobody(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "pager", "desk 4")
    with hook_receiver() as receiver, running(settings(hook(receiver.url + "/{address}"))):
        alert = raise_alert(connection)
        wait_until(lambda: states(connection, alert.alert_id) == ["sent"])
    [post] = receiver.posts
    signed = post.headers["hearthward-timestamp"].encode() + b"." + post.body
    expected = hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    assert post.headers["hearthward-signature"] == f"v1={expected}"
    assert post.path == "/hook/desk%204"
    said = json.loads(post.body)
    assert (said["alert_id"], said["key"]) == (alert.alert_id, post.headers["idempotency-key"])
    assert [word for word in canaries(connection) if word in post.body.decode()] == []


def test_an_answer_that_got_lost_is_asked_for_again_under_the_same_key(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    lost_first = hook_receiver(lambda number: 0 if number == 1 else 200)
    with lost_first as receiver, running(settings(hook(receiver.url))):
        alert = raise_alert(connection)
        wait_until(lambda: states(connection, alert.alert_id) == ["sent"])
    assert len(receiver.posts) == 2
    assert len(set(receiver.keys)) == 1


def test_a_notifier_that_is_killed_while_it_sends_sends_again_under_the_same_key(
    connection: Connection, settings: Make, start_command: Callable[..., RunningCommand]
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    with hook_receiver(lambda number: -1 if number == 1 else 200) as receiver:
        told = settings(hook(receiver.url))
        environment = {
            "HEARTHWARD_DATABASE_URL": told.database_url,
            "HEARTHWARD_NOTIFY_CHANNELS_FILE": str(told.notify_channels_file),
            "HEARTHWARD_NOTIFY_POLICY_FILE": str(told.notify_policy_file),
            "HEARTHWARD_NOTIFY_TICK_SECONDS": "0.1",
        }
        first = start_command("notify", environment=environment)
        first.wait_for_log("notify ready")
        alert = raise_alert(connection)
        wait_until(lambda: receiver.posts)
        first.kill()
        receiver.released.set()
        assert states(connection, alert.alert_id) == ["sending"]
        connection.execute("UPDATE deliveries SET next_try_at = now()")  # its lease has passed
        second = start_command("notify", environment=environment)
        wait_until(lambda: states(connection, alert.alert_id) == ["sent"])
        assert second.stop() == 0
        assert "Ashdown" not in first.log + second.log
    assert len(receiver.posts) == 2
    assert len(set(receiver.keys)) == 1


def test_two_notifiers_tell_everybody_once(connection: Connection, settings: Make) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    with hook_receiver() as receiver:
        told = settings(hook(receiver.url))
        with running(told, told):
            raised = [raise_alert(connection, problem=f"problem-{number}") for number in range(15)]
            for alert in raised:
                wait_until(lambda alert=alert: states(connection, alert.alert_id) == ["sent"])
    assert len(receiver.posts) == 15
    assert len(set(receiver.keys)) == 15


def test_a_dead_channel_escalates_and_says_so(connection: Connection, settings: Make) -> None:
    contacts.add(connection, NURSE, "mail", "nora@ward.example")
    contacts.add(connection, DOCTOR, "pager", "x")
    with hook_receiver() as receiver:
        nobody_listens = 9  # the port of the discard service, where nobody listens
        with running(settings(mail(nobody_listens) + hook(receiver.url))):
            alert = raise_alert(connection)
            wait_until(lambda: states(connection, alert.alert_id) == ["dead", "sent"])
            [trouble] = deliveries.troubles(connection)
            assert (trouble.channel, trouble.failures) == ("mail", 2)
            wait_until(lambda: "channel mail fails" in _beat(connection), deadline_s=8)
    events = stored.events(connection, alert.alert_id)
    assert [event.kind for event in events] == [EventKind.RAISED, EventKind.ESCALATED]
    assert (events[1].actor, events[1].what.to) == ("system", "on_call")
    reasons = [reason for _rev, reason, _at in deliveries.decisions(connection, alert.alert_id)]
    assert reasons[:3] == ["notify_urgent", "escalate_unreachable", "notify_escalated"]


def _beat(connection: Connection) -> str:
    return next((one.detail for one in heartbeats.every(connection) if one.process == "notify"), "")


def test_unanswered_it_climbs_until_a_named_person_accepts(connection: Connection, settings: Make) -> None:
    for person in (NURSE, DOCTOR, LEAD):
        contacts.add(connection, person, "pager", person)
    quick = POLICY.replace("acknowledge_minutes = 60", "acknowledge_minutes = 0.01", 1)
    with hook_receiver() as receiver, running(settings(hook(receiver.url), quick)):
        alert = raise_alert(connection)
        wait_until(lambda: states(connection, alert.alert_id) == ["sent"] * 3)
        current = stored.get(connection, alert.alert_id)
        assert current is not None
        assert current.escalation == 2
        accepted = actions.accept(connection, alert.alert_id, rev=current.rev, actor=LEAD, now=utc_now())
        wait_until(lambda: deliveries.decisions(connection, alert.alert_id)[-1][1] == "acknowledged_already")
    assert accepted.accepted_by == LEAD
    assert [json.loads(post.body)["to"] for post in receiver.posts] == [NURSE, DOCTOR, LEAD]


def test_what_waits_to_be_sent_is_cancelled_by_an_acknowledgement(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    slow = POLICY.replace("first_wait_seconds = 0.05", "first_wait_seconds = 600").replace(
        "longest_wait_seconds = 0.1", "longest_wait_seconds = 600"
    )
    with hook_receiver(lambda _number: 503) as receiver, running(settings(hook(receiver.url), slow)):
        alert = raise_alert(connection)
        wait_until(lambda: receiver.posts and states(connection, alert.alert_id) == ["waiting"])
        actions.acknowledge(connection, alert.alert_id, rev=1, actor=NURSE, now=utc_now())
        wait_until(lambda: states(connection, alert.alert_id) == ["cancelled"])
    assert len(receiver.posts) == 1


def test_late_and_routine_alerts_tell_nobody_and_the_reason_is_kept(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    with hook_receiver() as receiver, running(settings(hook(receiver.url))):
        late = raise_alert(connection, problem="late", late=True)
        routine = raise_alert(connection, Priority.LOW, problem="routine")
        for alert, reason in ((late, "late_never_pages"), (routine, "worklist_only")):
            wait_until(lambda alert=alert: deliveries.decisions(connection, alert.alert_id))
            assert deliveries.decisions(connection, alert.alert_id)[0][1] == reason
    assert receiver.posts == []


def test_without_a_channel_the_ladder_climbs_until_a_named_person_accepts_and_the_heartbeat_says_so(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    quick = POLICY.replace("acknowledge_minutes = 60", "acknowledge_minutes = 0.005", 1)
    with running(settings("", quick)):
        alert = raise_alert(connection)
        wait_until(
            lambda: [one.staff_id for one in told(connection, alert)] == [NURSE, DOCTOR, LEAD], deadline_s=20
        )
        wait_until(lambda: _beat(connection) == "nobody is notified: no channel is configured", deadline_s=20)
        wait_until(lambda: _reasons(connection, alert)[-1] == "no_channel", deadline_s=20)
        assert on_worklist(connection) == "lead"
        now = stored.get(connection, alert.alert_id)
        assert now is not None
        actions.acknowledge(connection, alert.alert_id, rev=now.rev, actor=LEAD, now=utc_now())
        wait_until(lambda: _reasons(connection, alert)[-1] == "acknowledged_already", deadline_s=20)
    assert {(one.channel, one.state, one.result) for one in told(connection, alert)} == {
        ("none", "dead", "no channel")
    }
    kinds = [event.kind for event in stored.events(connection, alert.alert_id)]
    assert kinds == [EventKind.RAISED, EventKind.ESCALATED, EventKind.ESCALATED, EventKind.ACKNOWLEDGED]
    assert on_worklist(connection) is None
    # That nothing can be sent is a trouble of its own, and no channel's failure.
    assert troubles.hub_state(connection, utc_now()).failed == {}


def told(connection: Connection, alert: Alert) -> list[Delivery]:
    return deliveries.of_alert(connection, alert.alert_id)


def on_worklist(connection: Connection) -> str | None:
    """Whom the ward's one open alert waits for, as the list shows it."""
    [row] = worklist(connection, Asked(ward_id=WARD), utc_now()).rows
    return row.escalated_to


def _reasons(connection: Connection, alert: Alert) -> list[str]:
    return [reason for _rev, reason, _at in deliveries.decisions(connection, alert.alert_id)] or [""]


def test_a_ward_that_gets_its_first_contact_is_told_of_what_waits_on_its_screens(
    connection: Connection, settings: Make
) -> None:
    with hook_receiver() as receiver:
        quick = POLICY.replace("acknowledge_minutes = 60", "acknowledge_minutes = 0.05", 1)
        with running(settings(hook(receiver.url), quick)):
            alert = raise_alert(connection)
            wait_until(lambda: [one.channel for one in told(connection, alert)], deadline_s=20)
            for person in (NURSE, DOCTOR, LEAD):
                contacts.add(connection, person, "pager", person)
            wait_until(lambda: "sent" in states(connection, alert.alert_id), deadline_s=20)
    assert told(connection, alert)[0].channel == "none"
    assert receiver.posts


def test_a_delivery_whose_channel_is_gone_dies_and_its_alert_is_looked_at(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "pager", "x")
    contacts.add(connection, DOCTOR, "other", "x")
    with hook_receiver() as receiver:
        one = settings(hook(receiver.url))
        alert = raise_alert(connection)
        _decide_only(connection, one)
        assert states(connection, alert.alert_id) == [DeliveryState.WAITING]
        with running(settings(hook(receiver.url, "other"))):
            wait_until(lambda: states(connection, alert.alert_id) == ["dead", "sent"])


def _decide_only(connection: Connection, settings: NotifySettings) -> None:
    from alerts.notify import channels, policy
    from alerts.notify.rounds import Office, round_of

    office = Office(
        policy=policy.load(settings.notify_policy_file),
        channels=channels.load(settings.notify_channels_file).keys(),
        hub_url="https://hub.example",
    )
    round_of(connection, office, utc_now())


def test_the_postman_is_the_only_one_who_sends(connection: Connection, settings: Make) -> None:
    """A claimed delivery is nobody else's until its lease has passed."""
    contacts.add(connection, NURSE, "pager", "x")
    one = settings(hook("http://127.0.0.1:9/"))
    raise_alert(connection)
    _decide_only(connection, one)
    from alerts.notify import policy

    attempts = policy.load(one.notify_policy_file).attempts
    postman = Postman(one.conninfo(), {}, attempts)
    assert postman.take(connection) == 1
    assert Postman(one.conninfo(), {}, attempts).take(connection) == 0


def test_where_nobody_can_be_told_the_screens_are_told(connection: Connection, settings: Make) -> None:
    contacts.add(connection, NURSE, "pager", "x")

    def state() -> troubles.HubState:
        return troubles.hub_state(connection, utc_now())

    once = POLICY.replace("most = 2", "most = 1")
    with hook_receiver(lambda _number: 503) as receiver, running(settings(hook(receiver.url), once)):
        wait_until(lambda: WARD in state().unstaffed)
        missing = state().unstaffed[WARD]
        assert (missing.duties, missing.nobody) == (["on_call", "lead"], False)
        alert = raise_alert(connection)
        wait_until(lambda: states(connection, alert.alert_id) == ["dead"])
        assert state().failed == {WARD: 1}
        assert [one.channel for one in state().channels] == ["pager"]
        [given_up] = troubles.given_up(connection, WARD, since=alert.raised_at)
        assert (given_up.alert_id, given_up.staff_name) == (alert.alert_id, "Nora Nightingale")
        [channel] = troubles.by_channel(connection, WARD, alert.raised_at, utc_now())
        assert (channel.sent, channel.failed, channel.median_to_sent) == (0, 1, None)
        actions.acknowledge(connection, alert.alert_id, rev=1, actor=NURSE, now=utc_now())
        assert state().failed == {}, "somebody has seen it after all"
        contacts.keep_only(connection, WARD, [], utc_now())
    with running(settings("")):
        wait_until(lambda: state().unstaffed == {})
