"""Signed-in sessions: an opaque token in the browser, of which only the hash is kept here."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from store.connection import Connection
from store.staff import Role, Staff
from vitals.ids import StaffId

# Who works on one ward has no row in `staff_wards`: their own ward is then the only one of the two arrays.
_SESSIONS = """
    SELECT token_sha256, s.staff_id, s.ward_id, s.shown_ward_id, s.name, s.email, s.role, w.ids, w.names
    FROM sessions JOIN staff s USING (staff_id)
    CROSS JOIN LATERAL (
        SELECT array_agg(ward_id ORDER BY name, ward_id) AS ids,
               array_agg(name ORDER BY name, ward_id) AS names
        FROM wards
        WHERE ward_id = s.ward_id
           OR ward_id IN (SELECT o.ward_id FROM staff_wards o WHERE o.staff_id = s.staff_id)) w
    WHERE token_sha256 = ANY(%(digests)s) AND s.disabled_at IS NULL
      AND seen_at > %(now)s - %(idle)s AND created_at > %(now)s - %(absolute)s
"""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def begin_session(connection: Connection, staff_id: StaffId, now: datetime) -> str:
    """A new session's token: 256 random bits, told to the browser once and kept nowhere."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        """
        INSERT INTO sessions (token_sha256, staff_id, created_at, seen_at)
        VALUES (%(digest)s, %(staff_id)s, %(now)s, %(now)s)
        """,
        {"digest": _digest(token), "staff_id": staff_id, "now": now},
    )
    return token


def session_staff(
    connection: Connection, token: str, now: datetime, *, idle: timedelta, absolute: timedelta
) -> Staff | None:
    """Whose session this token is; None where there is none, or it has been idle or alive for too long."""
    return sessions_staff(connection, [token], now, idle=idle, absolute=absolute).get(token)


def sessions_staff(
    connection: Connection, tokens: Collection[str], now: datetime, *, idle: timedelta, absolute: timedelta
) -> dict[str, Staff]:
    """Whose sessions these tokens are, by token; those that hold no longer, or never did, are left out."""
    by_digest = {_digest(token): token for token in tokens}
    rows = connection.execute(
        _SESSIONS,
        {"digests": list(by_digest), "now": now, "idle": idle, "absolute": absolute},
    ).fetchall()
    return {by_digest[bytes(digest)]: _staff(*row) for digest, *row in rows}


def _staff(
    staff_id: str,
    ward_id: str,
    shown: str | None,
    name: str,
    email: str,
    role: str,
    others: list[str],
    names: list[str],
) -> Staff:
    """The person, on the ward that they chose to look at while it is one of theirs."""
    wards = tuple(zip(others, names, strict=True))
    return Staff(
        staff_id=StaffId(staff_id),
        ward_id=shown if shown in others else ward_id,
        name=name,
        email=email,
        role=Role(role),
        wards=wards if len(wards) > 1 else (),
    )


def touch_session(connection: Connection, token: str, now: datetime) -> None:
    """The person behind this session did something just now."""
    connection.execute(
        """
        UPDATE sessions SET seen_at = %(now)s
        WHERE token_sha256 = %(digest)s AND seen_at < %(now)s - interval '10 seconds'
        """,
        {"digest": _digest(token), "now": now},
    )


def end_session(connection: Connection, token: str) -> None:
    """Sign out: the token is worth nothing from here on."""
    connection.execute("DELETE FROM sessions WHERE token_sha256 = %(digest)s", {"digest": _digest(token)})


def forget_old_sessions(connection: Connection, now: datetime, *, absolute: timedelta) -> int:
    """Delete what has outlived its longest life; the number deleted."""
    return connection.execute(
        "DELETE FROM sessions WHERE created_at <= %(now)s - %(absolute)s", {"now": now, "absolute": absolute}
    ).rowcount
