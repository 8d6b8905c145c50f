"""First sign-ins of staff: a link that works once, by which somebody chooses a password of their own."""

import hashlib
import secrets
from datetime import datetime, timedelta

from store.connection import Connection
from vitals.ids import StaffId

LASTS = timedelta(days=3)

_INVITE = """
    INSERT INTO staff_invitations (staff_id, token_sha256, made_at, expires_at)
    VALUES (%(staff_id)s, %(digest)s, %(now)s, %(expires_at)s)
    ON CONFLICT (staff_id) DO UPDATE SET token_sha256 = excluded.token_sha256, made_at = excluded.made_at,
        expires_at = excluded.expires_at
"""

_INVITED = """
    SELECT s.staff_id, s.name, s.email FROM staff_invitations i JOIN staff s USING (staff_id)
    WHERE i.token_sha256 = %(digest)s AND i.expires_at > %(now)s AND s.disabled_at IS NULL
"""

_USE = """
    DELETE FROM staff_invitations i USING staff s
    WHERE i.token_sha256 = %(digest)s AND i.expires_at > %(now)s AND s.staff_id = i.staff_id
      AND s.disabled_at IS NULL
    RETURNING i.staff_id
"""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def invite(connection: Connection, staff_id: StaffId, now: datetime) -> str:
    """A new link's token: told once and kept nowhere. One that they had before is worth nothing any more."""
    token = secrets.token_urlsafe(32)
    asked = {"staff_id": staff_id, "digest": _digest(token), "now": now, "expires_at": now + LASTS}
    connection.execute(_INVITE, asked)
    return token


def invited(connection: Connection, token: str, now: datetime) -> tuple[str, str] | None:
    """The name and the e-mail of who may choose a password with this token; None where nobody may."""
    row = connection.execute(_INVITED, {"digest": _digest(token), "now": now}).fetchone()
    return None if row is None else (row[1], row[2])


def accept(connection: Connection, token: str, *, password_hash: str, now: datetime) -> StaffId | None:
    """Use the token up: from now on this is their password, and every older session has ended."""
    row = connection.execute(_USE, {"digest": _digest(token), "now": now}).fetchone()
    if row is None:
        return None
    asked = {"staff_id": row[0], "password_hash": password_hash}
    connection.execute(
        "UPDATE staff SET password_hash = %(password_hash)s WHERE staff_id = %(staff_id)s", asked
    )
    connection.execute("DELETE FROM sessions WHERE staff_id = %(staff_id)s", asked)
    return StaffId(row[0])


def withdraw(connection: Connection, staff_id: StaffId) -> None:
    """No link of theirs works any more."""
    connection.execute("DELETE FROM staff_invitations WHERE staff_id = %(staff_id)s", {"staff_id": staff_id})
