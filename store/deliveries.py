"""Deliveries: who is told of which event by which channel, tried until it succeeds or is given up."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import AlertId, StaffId

# An open alert that has changed since it was looked at, or whose time has come, or that was looked at by a
# clock that has gone back since; and a closed one that is still watched. The open ones are few, whatever has
# been closed before. In a storm the most pressing are decided about first.
_DUE = """
    SELECT a.alert_id, p.ward_id, array_position(ARRAY['high', 'medium', 'low'], a.priority) AS turn
    FROM alerts a JOIN patients p USING (patient_id) LEFT JOIN notification_watches w USING (alert_id)
    WHERE a.closed_at IS NULL
      AND (w.alert_id IS NULL OR w.seen_rev < a.rev OR w.look_at <= %(now)s OR w.seen_at > %(later)s)
    UNION ALL
    SELECT a.alert_id, p.ward_id, 4
    FROM notification_watches w JOIN alerts a USING (alert_id) JOIN patients p USING (patient_id)
    WHERE a.closed_at IS NOT NULL
    ORDER BY turn, alert_id
"""

_WATCH = """
    INSERT INTO notification_watches (alert_id, seen_rev, look_at, seen_at)
    VALUES (%(alert_id)s, %(rev)s, %(look_at)s, %(now)s)
    ON CONFLICT (alert_id) DO UPDATE
        SET seen_rev = excluded.seen_rev, look_at = excluded.look_at, seen_at = excluded.seen_at
"""

_DECIDED = """
    INSERT INTO notification_decisions (alert_id, rev, reason, at)
    VALUES (%(alert_id)s, %(rev)s, %(reason)s, %(now)s)
    ON CONFLICT (alert_id, rev, reason) DO NOTHING
"""

_ADD = """
    INSERT INTO deliveries
        (idempotency_key, alert_id, rev, contact_id, staff_id, channel, reason, subject, body, made_at,
         next_try_at, state, result, ended_at)
    VALUES (%(key)s, %(alert_id)s, %(rev)s, %(contact_id)s, %(staff_id)s, %(channel)s, %(reason)s,
            %(subject)s, %(body)s, %(now)s, %(now)s, %(state)s, %(result)s, %(ended_at)s)
    ON CONFLICT (idempotency_key) DO UPDATE SET state = 'waiting', made_at = excluded.made_at,
        next_try_at = excluded.next_try_at, ended_at = NULL, result = ''
        WHERE deliveries.state = 'cancelled'
"""

_CANCEL = """
    UPDATE deliveries SET state = 'cancelled', ended_at = %(now)s, result = %(why)s
    WHERE alert_id = %(alert_id)s AND state = 'waiting'
"""

_OF_ALERT = """
    SELECT delivery_id, alert_id, rev, contact_id, staff_id, channel, reason, state, attempts, result,
           made_at, ended_at
    FROM deliveries WHERE alert_id = %(alert_id)s ORDER BY delivery_id
"""

# The lease: whoever does not say how it ended by then counts as dead, and another sender tries again. What is
# to be tried later than anything ever is was planned by a clock that has gone back since.
_CLAIM = """
    UPDATE deliveries d SET state = 'sending', attempts = d.attempts + 1, next_try_at = %(until)s
    WHERE d.delivery_id IN (
        SELECT delivery_id FROM deliveries
        WHERE state IN ('waiting', 'sending') AND (next_try_at <= %(now)s OR next_try_at > %(latest)s)
          AND channel <> ALL(%(full)s)
        ORDER BY next_try_at, delivery_id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING d.delivery_id, d.idempotency_key AS key, d.alert_id, d.rev, d.ask_id, d.channel, d.reason,
              d.subject, d.body, d.attempts, d.made_at,
              coalesce(d.address, (SELECT c.address FROM contacts c WHERE c.contact_id = d.contact_id))
                  AS address
"""

_END = """
    UPDATE deliveries SET state = %(state)s, result = %(result)s, next_try_at = %(next_try_at)s,
        ended_at = %(ended_at)s
    WHERE delivery_id = %(delivery_id)s AND state = 'sending' AND attempts = %(attempts)s
"""

_LOOK_NOW = "UPDATE notification_watches SET look_at = %(now)s WHERE alert_id = %(alert_id)s"

_WORKED = """
    INSERT INTO channel_health (channel, worked_at) VALUES (%(channel)s, %(now)s)
    ON CONFLICT (channel) DO UPDATE
        SET failing_since = NULL, failures = 0, why = '', worked_at = excluded.worked_at
"""

_FAILED = """
    INSERT INTO channel_health (channel, failing_since, failures, why)
    VALUES (%(channel)s, %(now)s, 1, %(why)s)
    ON CONFLICT (channel) DO UPDATE SET failures = channel_health.failures + 1, why = excluded.why,
        failing_since = coalesce(channel_health.failing_since, excluded.failing_since)
"""

_FAILING = """
    SELECT channel, failing_since, failures, why, worked_at FROM channel_health
    WHERE failing_since IS NOT NULL ORDER BY failing_since
"""


CLOCKS_APART = timedelta(minutes=2)
"""The clocks of two notifiers' machines may differ so much before one counts as having gone back."""

NO_CHANNEL = "none"
"""The channel of a delivery to somebody whom nothing can be sent to: it is made dead, and only says so."""


class DeliveryState(StrEnum):
    """How far a delivery has come. `dead`: given up after its attempts; `cancelled`: no longer needed."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event (`alert_id`, `rev`) to one contact by one channel, with its reason and result.

    Of one by `NO_CHANNEL` there is no contact.
    """

    delivery_id: int
    alert_id: AlertId
    rev: int
    contact_id: int | None
    staff_id: StaffId
    channel: str
    reason: str
    state: DeliveryState
    attempts: int
    result: str
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A delivery to be made. A second one with the same `key` changes nothing, or revives a cancelled one.

    By `NO_CHANNEL`, without a contact, it is written down and never sent.
    """

    key: str
    alert_id: AlertId
    rev: int
    contact_id: int | None
    staff_id: StaffId
    channel: str
    reason: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that the caller alone may send now; `attempts` counts this one.

    It is about an alert and goes to a member of staff, or about an ask and goes to a patient or their carer.
    """

    delivery_id: int
    key: str
    alert_id: AlertId | None
    rev: int | None
    ask_id: int | None
    channel: str
    address: str
    reason: str
    subject: str
    body: str
    attempts: int
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrouble:
    """A channel that does not work, since when, and what it said last."""

    channel: str
    failing_since: datetime
    failures: int
    why: str
    worked_at: datetime | None


def due_alerts(connection: Connection, now: datetime) -> list[tuple[AlertId, str]]:
    """The alerts that somebody must decide about now, the most pressing first, each with its ward."""
    asked = {"now": now, "later": now + CLOCKS_APART}
    return [(AlertId(row[0]), row[1]) for row in connection.execute(_DUE, asked).fetchall()]


def watch(
    connection: Connection, alert_id: AlertId, *, rev: int, look_at: datetime | None, now: datetime
) -> None:
    """The alert was looked at now as of `rev`; look again when it changes, or at `look_at`."""
    connection.execute(_WATCH, {"alert_id": alert_id, "rev": rev, "look_at": look_at, "now": now})


def lock_watch(connection: Connection, alert_id: AlertId) -> None:
    """Lock what is known of the watch, so that a delivery that dies meanwhile is not overlooked."""
    query = "SELECT 1 FROM notification_watches WHERE alert_id = %(alert_id)s FOR UPDATE"
    connection.execute(query, {"alert_id": alert_id})


def forget(connection: Connection, alert_id: AlertId) -> None:
    """Watch the alert no longer."""
    connection.execute(
        "DELETE FROM notification_watches WHERE alert_id = %(alert_id)s", {"alert_id": alert_id}
    )


def note_decision(connection: Connection, alert_id: AlertId, rev: int, reason: str, now: datetime) -> bool:
    """Keep a decision about an event with its reason; False where it was known already."""
    asked = {"alert_id": alert_id, "rev": rev, "reason": reason, "now": now}
    return connection.execute(_DECIDED, asked).rowcount == 1


def decisions(connection: Connection, alert_id: AlertId) -> list[tuple[int, str, datetime]]:
    """What was decided about an alert's events, oldest first: revision, reason, when."""
    query = """
        SELECT rev, reason, at FROM notification_decisions WHERE alert_id = %(alert_id)s ORDER BY decision_id
    """
    return connection.execute(query, {"alert_id": alert_id}).fetchall()


def add(connection: Connection, delivery: NewDelivery, now: datetime) -> bool:
    """Make a delivery that is sent as soon as the transaction commits; False where it was there already."""
    unsent = delivery.channel == NO_CHANNEL
    asked = {
        "key": delivery.key,
        "alert_id": delivery.alert_id,
        "rev": delivery.rev,
        "contact_id": delivery.contact_id,
        "staff_id": delivery.staff_id,
        "channel": delivery.channel,
        "reason": delivery.reason,
        "subject": delivery.subject,
        "body": delivery.body,
        "now": now,
        "state": DeliveryState.DEAD if unsent else DeliveryState.WAITING,
        "result": "no channel" if unsent else "",
        "ended_at": now if unsent else None,
    }
    return connection.execute(_ADD, asked).rowcount == 1


def cancel_waiting(connection: Connection, alert_id: AlertId, why: str, now: datetime) -> int:
    """Cancel what is not on its way yet; returns how many."""
    return connection.execute(_CANCEL, {"alert_id": alert_id, "why": why, "now": now}).rowcount


def of_alert(connection: Connection, alert_id: AlertId) -> list[Delivery]:
    """The alert's deliveries, oldest first."""
    rows = connection.execute(_OF_ALERT, {"alert_id": alert_id}).fetchall()
    return [
        Delivery(
            delivery_id=row[0],
            alert_id=AlertId(row[1]),
            rev=row[2],
            contact_id=row[3],
            staff_id=StaffId(row[4]),
            channel=row[5],
            reason=row[6],
            state=DeliveryState(row[7]),
            attempts=row[8],
            result=row[9],
            made_at=row[10],
            ended_at=row[11],
        )
        for row in rows
    ]


def claim(
    connection: Connection,
    *,
    now: datetime,
    most: int,
    lease: timedelta,
    longest_wait: timedelta = timedelta(hours=1),
    full: Collection[str] = (),
) -> list[Claimed]:
    """Take up to `most` deliveries that are due; nobody else gets them within the lease. Commit at once.

    `longest_wait`: nothing is ever put off longer. `full`: channels of which nothing is taken now.
    """
    asked = {
        "now": now,
        "until": now + lease,
        "latest": now + max(lease, longest_wait) + CLOCKS_APART,
        "most": most,
        "full": list(full),
    }
    with connection.cursor(row_factory=class_row(Claimed)) as cursor:
        return cursor.execute(_CLAIM, asked).fetchall()


def sent(connection: Connection, claimed: Claimed, now: datetime) -> bool:
    """The channel took it; False where the lease had passed and another sender has it."""
    connection.execute(_WORKED, {"channel": claimed.channel, "now": now})
    return _end(connection, claimed, DeliveryState.SENT, "", now, now)


def failed(
    connection: Connection, claimed: Claimed, why: str, *, next_try_at: datetime | None, now: datetime
) -> bool:
    """The channel did not take it: try again then, or never (None), so that its alert is looked at now."""
    connection.execute(_FAILED, {"channel": claimed.channel, "why": why, "now": now})
    if next_try_at is not None:
        return _end(connection, claimed, DeliveryState.WAITING, why, next_try_at, None)
    connection.execute(_LOOK_NOW, {"alert_id": claimed.alert_id, "now": now})
    return _end(connection, claimed, DeliveryState.DEAD, why, now, now)


def _end(
    connection: Connection,
    claimed: Claimed,
    state: DeliveryState,
    result: str,
    next_try_at: datetime,
    ended_at: datetime | None,
) -> bool:
    asked = {
        "state": state,
        "result": result,
        "next_try_at": next_try_at,
        "ended_at": ended_at,
        "delivery_id": claimed.delivery_id,
        "attempts": claimed.attempts,
    }
    return connection.execute(_END, asked).rowcount == 1


def troubles(connection: Connection) -> list[ChannelTrouble]:
    """The channels that do not work now, the longest-failing first: for the dashboard to show."""
    with connection.cursor(row_factory=class_row(ChannelTrouble)) as cursor:
        return cursor.execute(_FAILING).fetchall()
