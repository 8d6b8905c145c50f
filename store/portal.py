"""The patient's own page: personal links, one-time codes and sessions."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from store.connection import Connection
from vitals.ids import PatientId

TRIES = 5
SESSION = timedelta(days=30)
"""A patient's own phone stays signed in: who forgets how to get in stops looking."""

CODES_PER_HOUR = 5
ANOTHER_CODE_AFTER = timedelta(seconds=30)

_NEW_CODE = """
    INSERT INTO patient_codes AS c (patient_id, code_sha256, made_at, expires_at, tries, hour_from, in_hour)
    VALUES (%(patient_id)s, %(digest)s, %(now)s, %(expires_at)s, 0, %(now)s, 1)
    ON CONFLICT (patient_id) DO UPDATE SET
        code_sha256 = excluded.code_sha256, made_at = excluded.made_at,
        expires_at = excluded.expires_at, tries = 0,
        hour_from = CASE WHEN c.hour_from > %(hour_ago)s THEN c.hour_from ELSE %(now)s END,
        in_hour = CASE WHEN c.hour_from > %(hour_ago)s THEN c.in_hour + 1 ELSE 1 END
    WHERE %(by_staff)s OR (
        c.made_at <= %(lately)s AND (c.hour_from <= %(hour_ago)s OR c.in_hour < %(most)s))
"""

# Counted before it is compared, so that guessing in parallel gains nothing.
_TRY = """
    UPDATE patient_codes SET tries = tries + 1
    WHERE patient_id = %(patient_id)s AND expires_at > %(now)s AND tries < %(tries)s
    RETURNING code_sha256
"""

_REACH = """
    SELECT p.patient_id, p.language FROM patients p LEFT JOIN patient_links l USING (patient_id)
    WHERE (l.link = %(who)s OR p.record_number = %(who)s) AND p.discharged_at IS NULL
"""

_LINK = """
    INSERT INTO patient_links (patient_id, link, made_at) VALUES (%(patient_id)s, %(link)s, %(now)s)
    ON CONFLICT (patient_id) DO UPDATE SET patient_id = excluded.patient_id
    RETURNING link
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A patient on a ward who can have a page of their own, and the language that they read."""

    patient_id: PatientId
    language: str


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def known(connection: Connection, who: str) -> Known | None:
    """The patient with this link or record number; None where there is none on a ward."""
    row = connection.execute(_REACH, {"who": who.strip()}).fetchone()
    return None if row is None else Known(patient_id=PatientId(row[0]), language=row[1])


def link_of(connection: Connection, patient_id: PatientId, now: datetime) -> str:
    """The patient's personal link, made where there is none: random, so that it says nothing of them."""
    asked = {"patient_id": patient_id, "link": secrets.token_urlsafe(12), "now": now}
    row = connection.execute(_LINK, asked).fetchone()
    assert row is not None
    return str(row[0])


def new_code(
    connection: Connection, patient_id: PatientId, now: datetime, *, lasts: timedelta, by_staff: bool = False
) -> str | None:
    """A new code of six digits; the one before it is worth nothing from here on.

    None, where a stranger could be guessing: a code was just made, or too many were within the hour. Staff,
    who know whom they talk to, always get one.
    """
    code = f"{secrets.randbelow(1_000_000):06d}"
    asked = {
        "patient_id": patient_id,
        "digest": _code(patient_id, code),
        "now": now,
        "expires_at": now + lasts,
        "hour_ago": now - timedelta(hours=1),
        "lately": now - ANOTHER_CODE_AFTER,
        "most": CODES_PER_HOUR,
        "by_staff": by_staff,
    }
    return code if connection.execute(_NEW_CODE, asked).rowcount == 1 else None


def _code(patient_id: PatientId, code: str) -> bytes:
    return _digest(f"{patient_id}\x1f{code}")


def try_code(connection: Connection, patient_id: PatientId, code: str, now: datetime) -> bool:
    """Whether this is the patient's code. A right one is used up; a wrong one counts as a try."""
    row = connection.execute(_TRY, {"patient_id": patient_id, "now": now, "tries": TRIES}).fetchone()
    if row is None or not secrets.compare_digest(bytes(row[0]), _code(patient_id, code)):
        return False
    connection.execute(
        "DELETE FROM patient_codes WHERE patient_id = %(patient_id)s", {"patient_id": patient_id}
    )
    return True


def begin_patient_session(connection: Connection, patient_id: PatientId, now: datetime) -> str:
    """A new session's token: told to the browser once and kept nowhere."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        """
        INSERT INTO patient_sessions (token_sha256, patient_id, created_at, seen_at)
        VALUES (%(digest)s, %(patient_id)s, %(now)s, %(now)s)
        """,
        {"digest": _digest(token), "patient_id": patient_id, "now": now},
    )
    return token


def session_patient(connection: Connection, token: str, now: datetime) -> PatientId | None:
    """Whose page this token opens; None where it is unknown, too old, or the patient has left."""
    row = connection.execute(
        """
        SELECT s.patient_id FROM patient_sessions s JOIN patients p USING (patient_id)
        WHERE s.token_sha256 = %(digest)s AND s.created_at > %(oldest)s AND p.discharged_at IS NULL
        """,
        {"digest": _digest(token), "oldest": now - SESSION},
    ).fetchone()
    return None if row is None else PatientId(row[0])


def has_left(connection: Connection, token: str) -> bool:
    """Whether this token was of a patient who is on a ward no more: nobody looks at what they send."""
    row = connection.execute(
        """
        SELECT p.discharged_at IS NOT NULL FROM patient_sessions s JOIN patients p USING (patient_id)
        WHERE s.token_sha256 = %(digest)s
        """,
        {"digest": _digest(token)},
    ).fetchone()
    return row is not None and row[0]


def end_patient_session(connection: Connection, token: str) -> None:
    """The token is worth nothing from here on."""
    connection.execute(
        "DELETE FROM patient_sessions WHERE token_sha256 = %(digest)s", {"digest": _digest(token)}
    )
