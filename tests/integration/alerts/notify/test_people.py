"""Contacts and rota as a file: every mistake at once, or all of it in place; deliveries as rows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.notify import people
from alerts.notify.channels import WebhookSpec
from alerts.notify.duty import on_duty
from alerts.notify.policy import BrokenPolicy
from alerts.notify.webhook import Webhook
from alerts.notify.wording import idempotency_key
from runtime.clock import utc_now
from store import contacts, deliveries, rota
from store.connection import Connection
from store.deliveries import DeliveryState, NewDelivery
from store.rota import Duty
from tests.harness.small_ward import WARD
from tests.integration.alerts.notify.conftest import DOCTOR, LEAD, NURSE, raise_alert

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
CHANNELS = {
    "pager": Webhook(WebhookSpec(kind="webhook", url="http://127.0.0.1:9/", secret="x" * 16), lambda: NOW)
}
FILE = """
[[contacts]]
staff = "nurse-1@ward.example"
channel = "pager"
address = "12"

[[shifts]]
duty = "nurse"
staff = "Nurse-1@ward.example"
begin = 2026-03-04T07:00:00
end = 2026-03-04T19:00:00

[[shifts]]
duty = "nurse"
staff = "doctor@ward.example"
cover_for = "nurse-1@ward.example"
begin = 2026-03-04T13:00:00+01:00
end = 2026-03-04T15:00:00+01:00
"""


def put(connection: Connection, directory: Path, text: str) -> None:
    path = directory / "people.toml"
    path.write_text(text)
    people.put_in_place(connection, path, WARD, CHANNELS, author="lead", now=NOW)


def test_times_without_an_offset_are_the_ward_s_and_a_new_file_replaces_the_old(
    connection: Connection, tmp_path: Path
) -> None:
    contacts.add(connection, LEAD, "pager", "old")
    put(connection, tmp_path, FILE)
    put(connection, tmp_path, FILE)
    assert [(one.staff_id, one.address) for one in contacts.of_ward(connection, WARD)] == [(NURSE, "12")]
    shifts = rota.of_ward(connection, WARD, since=NOW)
    assert len(shifts) == 2
    at = {hour: on_duty(shifts, Duty.NURSE, NOW.replace(hour=hour)) for hour in (5, 6, 12, 14, 17, 18)}
    assert at == {5: [], 6: [NURSE], 12: [DOCTOR], 14: [NURSE], 17: [NURSE], 18: []}


def test_all_mistakes_are_said_and_nothing_is_changed(connection: Connection, tmp_path: Path) -> None:
    put(connection, tmp_path, FILE)
    wrong = FILE.replace('"pager"', '"pagr"').replace("Nurse-1@", "nurse-2@").replace("T19:", "T06:")
    with pytest.raises(BrokenPolicy) as refused:
        put(connection, tmp_path, wrong)
    said = [str(mistake) for mistake in refused.value.mistakes]
    assert said == [
        "people.toml: contact 1: no channel 'pagr'. Did you mean 'pager'?",
        "people.toml: shift 1: no staff 'nurse-2@ward.example'. Did you mean 'nurse-1@ward.example'?",
        "people.toml: shift 1: ends before it begins.",
    ]
    assert len(contacts.of_ward(connection, WARD)) == 1
    assert len(rota.of_ward(connection, WARD, since=NOW)) == 2


def test_a_hand_over_lasts_until_it_was_agreed(connection: Connection, tmp_path: Path) -> None:
    put(connection, tmp_path, FILE)
    until = NOW + timedelta(hours=4)
    rota.hand_over(
        connection, WARD, Duty.NURSE, giver=NURSE, taker=LEAD, until=until, author="nurse-1", now=NOW
    )
    shifts = rota.of_ward(connection, WARD, since=NOW)
    assert on_duty(shifts, Duty.NURSE, NOW + timedelta(hours=3)) == [LEAD]
    assert on_duty(shifts, Duty.NURSE, until) == [NURSE]


def test_a_delivery_is_made_once_claimed_once_and_revived_after_it_was_cancelled(
    connection: Connection,
) -> None:
    contact_id = contacts.add(connection, NURSE, "pager", "12")
    alert, now = raise_alert(connection), utc_now()
    new = NewDelivery(
        key=idempotency_key(alert, 1, contact_id),
        alert_id=alert.alert_id,
        rev=1,
        contact_id=contact_id,
        staff_id=NURSE,
        channel="pager",
        reason="notify_urgent",
        subject="s",
        body="b",
    )
    assert deliveries.add(connection, new, now)
    assert not deliveries.add(connection, new, now)
    assert deliveries.cancel_waiting(connection, alert.alert_id, "acknowledged_already", now) == 1
    lease = timedelta(seconds=10)
    assert deliveries.claim(connection, now=now, most=9, lease=lease) == []
    assert deliveries.add(connection, new, now)
    [first] = deliveries.claim(connection, now=now, most=9, lease=lease)
    assert deliveries.claim(connection, now=now, most=9, lease=lease) == []
    [second] = deliveries.claim(connection, now=now + lease, most=9, lease=lease)
    assert (first.key, first.attempts, second.attempts) == (second.key, 1, 2)
    assert not deliveries.sent(connection, first, now)  # its lease had passed: the second sender has it
    assert deliveries.sent(connection, second, now)
    [kept] = deliveries.of_alert(connection, alert.alert_id)
    assert (kept.state, kept.attempts) == (DeliveryState.SENT, 2)


def test_a_channel_is_in_trouble_until_it_works_again(connection: Connection) -> None:
    contact_id = contacts.add(connection, NURSE, "pager", "12")
    alert, now = raise_alert(connection), utc_now()
    new = NewDelivery(
        key="k",
        alert_id=alert.alert_id,
        rev=1,
        contact_id=contact_id,
        staff_id=NURSE,
        channel="pager",
        reason="notify_urgent",
        subject="s",
        body="b",
    )
    deliveries.add(connection, new, now)
    for number in range(2):
        at = now + timedelta(seconds=number)
        [claimed] = deliveries.claim(connection, now=at, most=1, lease=timedelta(seconds=10))
        deliveries.failed(connection, claimed, "refused", next_try_at=at + timedelta(seconds=1), now=at)
    [trouble] = deliveries.troubles(connection)
    assert (trouble.channel, trouble.failing_since, trouble.failures, trouble.why) == (
        "pager",
        now,
        2,
        "refused",
    )
    [claimed] = deliveries.claim(
        connection, now=now + timedelta(seconds=3), most=1, lease=timedelta(seconds=10)
    )
    deliveries.sent(connection, claimed, now)
    assert deliveries.troubles(connection) == []
