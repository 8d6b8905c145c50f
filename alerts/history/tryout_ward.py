"""Tryouts on a ward's own past, out of the live database; nothing is written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.book.changes import RefusedLimit, UnknownLimit
from alerts.book.limits import Calibration, refusal, resolve
from alerts.book.mistakes import near
from alerts.book.rulebook import Rulebook
from alerts.history import past
from alerts.history.replay import History
from alerts.history.tryout import Side, TriedAlert, Tryout, compare, raised
from alerts.readings.course import DAYS
from store import burden, calibration
from store import limits as stored_limits
from store.connection import Connection
from vitals.errors import HubError
from vitals.ids import PatientId

WEEKS = 8
# Trends look back over a window of days, and the first weighings over some more.
_BEFORE = timedelta(days=DAYS + 5)

Progress = Callable[[int, int], None]
"""Told after each patient how many are done, and of how many."""


class NotOnWard(HubError):
    """The patient was not on the ward in that time."""

    def __init__(self, patient_id: str, ward_id: str) -> None:
        super().__init__(f"No patient {patient_id!r} was on ward {ward_id!r} in that time.")
        self.patient_id = patient_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where and when a change is tried: on a ward, or on one patient of it, over the time up to `until`."""

    ward_id: str
    since: datetime
    until: datetime
    patient_id: PatientId | None = None


def try_rules(
    connection: Connection, before: Rulebook, after: Rulebook, asked: Asked, progress: Progress | None = None
) -> Tryout:
    """Try another rulebook. Limits and calibrations in force now count as if they had been all along.

    A calibration of a number that the other rulebook changes does not count there. Raises NotOnWard.
    """
    return _try(connection, Side(book=before), Side(book=after), asked, progress)


def try_own_limit(connection: Connection, book: Rulebook, name: str, value: float, asked: Asked) -> Tryout:
    """Try a limit of one patient's own, above whatever else is set for them.

    Raises UnknownLimit, RefusedLimit and NotOnWard.
    """
    [one] = _histories(connection, book, _patients(connection, asked), asked)
    rules = book.for_programmes(one.patient.programmes)
    in_force = resolve(rules, _calibrations(connection, book, asked), one.limits, asked.until)
    if name not in rules.limits:
        raise UnknownLimit(name, f"Patient {asked.patient_id!r}", near(name, rules.limits))
    why = refusal(rules, in_force, name, value)
    if why is not None:
        raise RefusedLimit(name, value, why)
    return _try(connection, Side(book=book), Side(book=book, own={name: value}), asked, None)


def own_limit_alerts(
    connection: Connection, book: Rulebook, name: str, value: float, asked: Asked
) -> tuple[Sequence[TriedAlert], Sequence[TriedAlert]]:
    """The asked patient's alerts in that time: as it is, and with a limit of their own above whatever is set.

    The same replay as `try_own_limit`, without what became of the real alerts. Raises NotOnWard.
    """
    ids = [] if asked.patient_id is None else [asked.patient_id]
    one = next(_histories(connection, book, ids, asked), None)
    if one is None or one.patient.ward_id != asked.ward_id:
        raise NotOnWard(asked.patient_id or "", asked.ward_id)
    calibrations = _calibrations(connection, book, asked)
    sides = Side(book=book), Side(book=book, own={name: value})
    before, after = (raised(one, side, calibrations, asked.since, asked.until) for side in sides)
    return before, after


def _try(
    connection: Connection, before: Side, after: Side, asked: Asked, progress: Progress | None
) -> Tryout:
    ids = _patients(connection, asked)
    # Whoever is in a programme that only one of the two has, is followed in it on that side.
    both = Rulebook({**before.book.programmes, **after.book.programmes})
    rows = burden.rows(connection, asked.ward_id, asked.since, asked.until)
    return compare(
        _told(_histories(connection, both, ids, asked), len(ids), progress),
        before,
        after,
        [row for row in rows if asked.patient_id in (None, row.patient_id)],
        since=asked.since,
        until=asked.until,
        calibrations=_calibrations(connection, before.book, asked),
    )


def _patients(connection: Connection, asked: Asked) -> list[PatientId]:
    ids = calibration.patients(connection, asked.ward_id, since=asked.since, at=asked.until)
    if asked.patient_id is None:
        return ids
    if asked.patient_id not in ids:
        raise NotOnWard(asked.patient_id, asked.ward_id)
    return [asked.patient_id]


def _histories(
    connection: Connection, book: Rulebook, ids: Sequence[PatientId], asked: Asked
) -> Iterator[History]:
    """One after the other, so that a large ward need not fit into memory."""
    for patient_id in ids:
        found = past.of_patients(
            connection, book, [patient_id], since=asked.since - _BEFORE, until=asked.until
        )
        for history in found:
            yield replace(
                history,
                limits=[
                    replace(own, set_at=history.patient.enrolled_at)
                    for own in history.limits
                    if own.expires_at is None or own.expires_at > asked.until
                ],
            )


def _told(histories: Iterator[History], count: int, progress: Progress | None) -> Iterator[History]:
    for number, history in enumerate(histories):
        yield history
        if progress is not None:
            progress(number + 1, count)


def _calibrations(connection: Connection, book: Rulebook, asked: Asked) -> list[Calibration]:
    """The ward's moves in force, each of the number that the rulebook has."""
    found: list[Calibration] = []
    for row in stored_limits.calibrations(connection, now=asked.until):
        spec = book.limit(row.limit_name)
        if row.ward_id == asked.ward_id and spec is not None:
            found.append(
                Calibration(
                    limit_name=row.limit_name,
                    value=row.value,
                    at=asked.since - _BEFORE,
                    reason="calibration",
                    base=spec.value if row.base is None else row.base,
                )
            )
    return found
