"""What the store knows of patients' pasts, as histories that can be gone through again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime
from typing import Protocol, TypeVar

from alerts.book.limits import OwnLimit
from alerts.book.rulebook import Rulebook
from alerts.history.replay import History
from alerts.readings.measured import Measured
from alerts.rules.view import AnswerGiven, Break, Watched
from store import corrections, histories, pauses
from store import limits as stored_limits
from store.connection import Connection
from store.corrections import Word
from store.histories import ReadingRow, WatchedRow
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality


class _OfPatient(Protocol):
    @property
    def patient_id(self) -> PatientId: ...


_Row = TypeVar("_Row", bound=_OfPatient)


def of_patients(
    connection: Connection,
    book: Rulebook,
    patient_ids: Sequence[PatientId],
    *,
    since: datetime,
    until: datetime,
) -> list[History]:
    """These patients' histories, as known at `until`, of what was measured from `since` on."""
    ids = list(patient_ids)
    readings = histories.readings(connection, dict.fromkeys(ids, since))
    words = corrections.words(connection, ids)
    own = _by_patient(stored_limits.of_patients(connection, ids, now=until))
    answers = _by_patient(histories.answers(connection, ids, since=since, until=until))
    breaks = _by_patient(pauses.of_patients(connection, ids, since=since, until=until))
    return [
        History(
            patient=watched_of(row, book),
            readings=_readings(readings[row.patient_id], words[row.patient_id], until),
            limits=[
                OwnLimit(
                    name=o.name,
                    value=o.value,
                    author=o.author,
                    reason=o.reason,
                    set_at=o.set_at,
                    expires_at=o.expires_at,
                )
                for o in own.get(row.patient_id, [])
            ],
            answers=[
                AnswerGiven(question=a.question, yes=a.yes, at=a.at) for a in answers.get(row.patient_id, [])
            ],
            breaks=[Break(starts_at=b.starts_at, ends_at=b.ends_at) for b in breaks.get(row.patient_id, [])],
            until=row.discharged_at,
        )
        for row in histories.watched(connection, ids, now=until)
    ]


def watched_of(row: WatchedRow, book: Rulebook) -> Watched:
    """The patient as the rules know them, in those of their programmes that the rulebook has."""
    programmes = zip(row.programmes, row.starts_on, strict=True)
    return Watched(
        patient_id=row.patient_id,
        time_zone=row.time_zone,
        birth_date=row.birth_date,
        enrolled_at=row.enrolled_at,
        programmes={name: starts_on for name, starts_on in programmes if name in book.programmes},
        language=row.language,
        ward_id=row.ward_id,
    )


def _readings(rows: Iterable[ReadingRow], words: Iterable[Word], until: datetime) -> list[Measured]:
    """The readings that the hub had by `until`, with what had been said on them."""
    decided: dict[ReadingId, Standing] = {}
    by_checks: set[ReadingId] = set()
    for word in words:
        if word.at > until:
            continue
        if word.decided is None:
            by_checks.add(word.reading_id)
        else:
            decided[word.reading_id] = word.decided
    known = (row for row in rows if max(row.measured_at, row.received_at) <= until)
    found = (_measured(row, decided, by_checks, until) for row in known)
    return [measured for measured in found if measured is not None]


def _measured(
    row: ReadingRow, said: Mapping[ReadingId, Standing], by_checks: Set[ReadingId], until: datetime
) -> Measured | None:
    """The reading for the rules; None where the store holds it for a reason that is not the checks'."""
    reading_id = ReadingId(row.reading_id)
    decided = said.get(reading_id)
    if decided is None and row.standing == Standing.EXCLUDED:
        decided = Standing.EXCLUDED
    held_elsewhere = row.standing == Standing.HELD and reading_id not in by_checks
    if decided is Standing.HELD or (decided is None and held_elsewhere):
        return None
    return Measured(
        reading_id=reading_id,
        at=row.measured_at,
        # History that was brought in later is gone through as the gateways received it.
        known_at=max(row.received_at, row.stored_at) if row.stored_at <= until else row.received_at,
        values={Measure(measure): value for measure, value in zip(row.measures, row.measured, strict=True)},
        quality=frozenset(Quality(word) for word in row.quality or ()),
        device_id=None if row.device_id is None else DeviceId(row.device_id),
        decided=decided,
    )


def _by_patient(rows: Iterable[_Row]) -> dict[PatientId, list[_Row]]:
    grouped: defaultdict[PatientId, list[_Row]] = defaultdict(list)
    for row in rows:
        grouped[row.patient_id].append(row)
    return grouped
