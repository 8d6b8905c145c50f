"""A ward's homes: its gateways with their devices and whose they are, in pages, found by parts of a name."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from store.connection import Connection
from store.devices import Device
from store.gateways import Gateway
from store.names import search_patterns
from vitals.ids import DeviceId, PatientId

PAGE = 25
LOW_BATTERY_PERCENT = 20
CLOCK_OFF_S = 300


class State(StrEnum):
    """What a home is looked for by: something that somebody should see to."""

    OFFLINE = "offline"
    BATTERY_LOW = "battery_low"
    PAIRING = "pairing"
    CLOCK_OFF = "clock_off"
    NOBODYS = "nobodys"


Place = tuple[str, str]
"""By what the last home of a page was sorted, and its id; the next page begins after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the page. `search` is parts of a gateway's, device's or patient's name or number."""

    ward_id: str
    search: str = ""
    state: State | None = None
    after: Place | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose a device, or a user slot of it, is now; of a patient of another ward nothing is told."""

    device_id: DeviceId
    user_slot: int | None
    starts_at: datetime
    patient_id: PatientId | None
    given_name: str | None
    family_name: str | None
    record_number: str | None


_VALID = "a.starts_at <= %(now)s AND (a.ends_at IS NULL OR a.ends_at > %(now)s)"

# A home is the ward's where one of its devices is a patient's of it, or none is a patient's of another ward.
# What is looked up in a list of its own is read once, not once a home.
_HOMES = f"""
    WITH taken AS MATERIALIZED (
        SELECT a.device_id, d.gateway_id, p.ward_id = %(ward_id)s AS ours, p.search_text
        FROM assignments a JOIN devices d USING (device_id) JOIN patients p USING (patient_id)
        WHERE {_VALID}
    ), held AS (
        SELECT gateway_id, bool_or(ours) AS ours FROM taken GROUP BY gateway_id
    ), homes AS (
        SELECT g.*, coalesce(nullif(g.label, ''), g.gateway_id) AS sort
        FROM gateways g LEFT JOIN held h USING (gateway_id) WHERE coalesce(h.ours, true)
    )
"""

_WORD = """
    (g.search_text LIKE fold(%(word_{place})s)
     OR g.gateway_id IN (SELECT gateway_id FROM devices WHERE search_text LIKE fold(%(word_{place})s))
     OR g.gateway_id IN (SELECT gateway_id FROM taken WHERE ours AND search_text LIKE fold(%(word_{place})s)))
"""

# Of the device `d`; a gateway that is switched off here is not missed.
_DEVICE_STATES: Mapping[State, str] = {
    State.BATTERY_LOW: "d.battery_percent <= %(low_battery)s",
    State.PAIRING: "d.needs_pairing",
    State.CLOCK_OFF: "abs(d.clock_offset_s) > %(clock_off)s",
    State.NOBODYS: "d.device_id NOT IN (SELECT device_id FROM taken)",
}
_OFFLINE = "g.active AND NOT g.online"

_PAGE = """
    SELECT gateway_id, label, enrolled_at, active, online, status_at, outbox_waiting, outbox_quarantined
    FROM homes g WHERE true {conditions}
    ORDER BY sort, gateway_id LIMIT %(limit)s
"""

_COUNTS = f"""
    SELECT (SELECT count(*) FROM homes g), (SELECT count(*) FROM homes g WHERE {_OFFLINE}), {{states}}
    FROM devices d WHERE d.gateway_id IS NULL OR d.gateway_id IN (SELECT gateway_id FROM homes)
"""

_DEVICES = """
    SELECT device_id, gateway_id, profile, label, enrolled_at, last_seen_at, battery_percent, clock_offset_s,
           needs_pairing
    FROM devices WHERE gateway_id = ANY(%(gateway_ids)s) OR (%(loose)s AND gateway_id IS NULL)
    ORDER BY gateway_id, device_id
"""

_HOLDERS = f"""
    SELECT a.device_id, a.user_slot, a.starts_at,
           CASE WHEN p.ward_id = %(ward_id)s THEN p.patient_id END AS patient_id,
           CASE WHEN p.ward_id = %(ward_id)s THEN p.given_name END AS given_name,
           CASE WHEN p.ward_id = %(ward_id)s THEN p.family_name END AS family_name,
           CASE WHEN p.ward_id = %(ward_id)s THEN p.record_number END AS record_number
    FROM assignments a JOIN patients p USING (patient_id)
    WHERE a.device_id = ANY(%(device_ids)s) AND {_VALID}
    ORDER BY a.device_id, a.user_slot NULLS FIRST
"""


_LABELS = """
    SELECT gateway_id, label FROM gateways WHERE gateway_id = ANY(%(ids)s) AND label <> ''
    UNION ALL SELECT device_id, label FROM devices WHERE device_id = ANY(%(ids)s) AND label <> ''
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many homes the ward has, and how many homes or devices are in each state."""

    homes: int
    states: Mapping[State, int]


def _asked(asked: Asked, now: datetime) -> dict[str, object]:
    words = {f"word_{place}": pattern for place, pattern in enumerate(search_patterns(asked.search))}
    return {
        "ward_id": asked.ward_id,
        "now": now,
        "limit": asked.limit,
        "low_battery": LOW_BATTERY_PERCENT,
        "clock_off": CLOCK_OFF_S,
        **words,
    }


def homes(connection: Connection, asked: Asked, now: datetime) -> list[Gateway]:
    """At most `asked.limit` of the ward's gateways, by label."""
    values = _asked(asked, now)
    conditions = [_WORD.format(place=place) for place, _ in enumerate(search_patterns(asked.search))]
    if asked.state is State.OFFLINE:
        conditions.append(_OFFLINE)
    elif asked.state is not None:
        one = _DEVICE_STATES[asked.state]
        conditions.append(f"g.gateway_id IN (SELECT d.gateway_id FROM devices d WHERE {one})")
    if asked.after is not None:
        conditions.append("(sort, gateway_id) > (%(after_sort)s, %(after_id)s)")
        values |= dict(zip(("after_sort", "after_id"), asked.after, strict=True))
    query = _HOMES + _PAGE.format(conditions="".join(f" AND {one}" for one in conditions))
    with connection.cursor(row_factory=class_row(Gateway)) as cursor:
        return cursor.execute(query.encode(), values).fetchall()


def place_of(gateway: Gateway) -> Place:
    """Where the gateway stands in the list."""
    return gateway.label or gateway.gateway_id, gateway.gateway_id


def counts(connection: Connection, ward_id: str, now: datetime) -> Counts:
    """What there is to see to on the whole ward."""
    states = ", ".join(f"count(*) FILTER (WHERE {one})" for one in _DEVICE_STATES.values())
    query = _HOMES + _COUNTS.format(states=states)
    row = connection.execute(query.encode(), _asked(Asked(ward_id=ward_id), now)).fetchone()
    assert row is not None
    total, offline, *of_devices = row
    return Counts(
        homes=total, states={State.OFFLINE: offline, **dict(zip(_DEVICE_STATES, of_devices, strict=True))}
    )


def devices_of(connection: Connection, gateways: Sequence[Gateway], *, loose: bool) -> list[Device]:
    """The devices of these gateways, and where `loose` those without one."""
    asked = {"gateway_ids": [one.gateway_id for one in gateways], "loose": loose}
    with connection.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(_DEVICES, asked).fetchall()


def holders(connection: Connection, devices: Sequence[Device], ward_id: str, now: datetime) -> list[Holder]:
    """Whose these devices are now."""
    asked = {"device_ids": [one.device_id for one in devices], "ward_id": ward_id, "now": now}
    with connection.cursor(row_factory=class_row(Holder)) as cursor:
        return cursor.execute(_HOLDERS, asked).fetchall()


def labels(connection: Connection, ids: Collection[str | None]) -> dict[str, str]:
    """What these gateways and devices are called, where they have a label."""
    asked = {"ids": [one for one in ids if one is not None]}
    return dict(connection.execute(_LABELS, asked).fetchall())
