"""What keeps the hub from watching or from telling anybody, in one look: for the screens to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from store import deliveries, heartbeats
from store.connection import Connection
from store.deliveries import ChannelTrouble
from store.heartbeats import Heartbeat
from vitals.ids import AlertId

FAILED_FOR = timedelta(days=1)
"""How long a delivery that was given up counts as a trouble, while its alert is open."""

# A delivery that was given up is made good by a later one of the same alert that arrived. That a ward has no
# channel at all is a trouble of its own.
_FAILED = """
    SELECT p.ward_id, count(DISTINCT d.alert_id) FROM deliveries d
    JOIN alerts a USING (alert_id) JOIN patients p USING (patient_id)
    WHERE d.state = 'dead' AND d.channel <> 'none' AND d.ended_at > %(since)s
      AND a.closed_at IS NULL AND a.acknowledged_at IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM deliveries later
        WHERE later.alert_id = d.alert_id AND later.state = 'sent' AND later.ended_at >= d.made_at)
    GROUP BY p.ward_id
"""

_OFFLINE = "SELECT count(*) FROM gateways WHERE active AND NOT online AND status_at IS NOT NULL"

_UNSTAFFED = "SELECT ward_id, duties, nobody, since FROM unstaffed_wards"

_NOTE_UNSTAFFED = """
    INSERT INTO unstaffed_wards (ward_id, duties, nobody, since)
    VALUES (%(ward_id)s, %(duties)s, %(nobody)s, %(now)s)
    ON CONFLICT (ward_id) DO UPDATE SET duties = excluded.duties, nobody = excluded.nobody,
        since = CASE WHEN unstaffed_wards.duties = excluded.duties THEN unstaffed_wards.since
                     ELSE excluded.since END
    WHERE unstaffed_wards.duties <> excluded.duties OR unstaffed_wards.nobody <> excluded.nobody
"""

_GIVEN_UP = """
    SELECT d.alert_id, s.name AS staff_name, d.channel, d.result, d.ended_at
    FROM deliveries d JOIN staff s USING (staff_id) JOIN alerts a USING (alert_id)
    JOIN patients p ON p.patient_id = a.patient_id
    WHERE d.state = 'dead' AND d.ended_at > %(since)s AND p.ward_id = %(ward_id)s
    ORDER BY d.ended_at DESC, d.delivery_id DESC LIMIT %(limit)s
"""

_BY_CHANNEL = """
    SELECT d.channel, count(*) FILTER (WHERE d.state = 'sent') AS sent,
           count(*) FILTER (WHERE d.state = 'dead') AS failed,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY d.ended_at - d.made_at)
               FILTER (WHERE d.state = 'sent') AS median_to_sent
    FROM deliveries d JOIN staff s USING (staff_id)
    WHERE s.ward_id = %(ward_id)s AND d.made_at >= %(since)s AND d.made_at < %(until)s
      AND d.state IN ('sent', 'dead') AND d.channel <> 'none'
    GROUP BY d.channel ORDER BY d.channel
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unstaffed:
    """The steps of the ladder for which nobody of the ward can be reached; `nobody`: that is all of them."""

    ward_id: str
    duties: Sequence[str]
    nobody: bool
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HubState:
    """How the hub is. `failed` counts, for each ward, the unseen alerts of which telling somebody failed."""

    beats: Sequence[Heartbeat]
    channels: Sequence[ChannelTrouble]
    gateways_offline: int
    failed: Mapping[str, int]
    unstaffed: Mapping[str, Unstaffed]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """A delivery that was given up: of which alert, to whom, by which channel, and what the channel said."""

    alert_id: AlertId
    staff_name: str
    channel: str
    result: str
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCount:
    """What a channel did in a time; `median_to_sent` is None where it delivered nothing."""

    channel: str
    sent: int
    failed: int
    median_to_sent: timedelta | None


def hub_state(connection: Connection, now: datetime) -> HubState:
    """How the hub is now, for every ward."""
    offline = connection.execute(_OFFLINE).fetchone()
    with connection.cursor(row_factory=class_row(Unstaffed)) as cursor:
        unstaffed = cursor.execute(_UNSTAFFED).fetchall()
    return HubState(
        beats=heartbeats.every(connection),
        channels=deliveries.troubles(connection),
        gateways_offline=offline[0] if offline else 0,
        failed=dict(connection.execute(_FAILED, {"since": now - FAILED_FOR}).fetchall()),
        unstaffed={one.ward_id: one for one in unstaffed},
    )


def note_staffing(
    connection: Connection, ward_id: str, duties: Sequence[str], *, nobody: bool, now: datetime
) -> None:
    """Say for which duties nobody of the ward can be reached now; none of them: the ward is staffed."""
    if not duties:
        connection.execute("DELETE FROM unstaffed_wards WHERE ward_id = %(ward_id)s", {"ward_id": ward_id})
        return
    asked = {"ward_id": ward_id, "duties": list(duties), "nobody": nobody, "now": now}
    connection.execute(_NOTE_UNSTAFFED, asked)


def given_up(connection: Connection, ward_id: str, *, since: datetime, limit: int = 20) -> list[GivenUp]:
    """The ward's deliveries that were given up, newest first."""
    asked = {"ward_id": ward_id, "since": since, "limit": limit}
    with connection.cursor(row_factory=class_row(GivenUp)) as cursor:
        return cursor.execute(_GIVEN_UP, asked).fetchall()


def by_channel(
    connection: Connection, ward_id: str, since: datetime, until: datetime
) -> Sequence[ChannelCount]:
    """How many deliveries to the ward's staff each channel made and gave up."""
    asked = {"ward_id": ward_id, "since": since, "until": until}
    with connection.cursor(row_factory=class_row(ChannelCount)) as cursor:
        return cursor.execute(_BY_CHANNEL, asked).fetchall()
