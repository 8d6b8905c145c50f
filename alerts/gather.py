"""From rows to views: everything that the rules may look at, for a batch of patients."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import numpy as np

from alerts.book import limits
from alerts.book.rulebook import Rulebook
from alerts.memory import NEVER, Kept, Memory, begin
from alerts.readings import trend
from alerts.readings.course import Course, Window
from alerts.readings.day_columns import SUMMED
from alerts.readings.day_values import SESSION_GAP
from alerts.rules.evaluate import Memo
from alerts.rules.view import (
    FRESH,
    AnswerGiven,
    Break,
    DeviceState,
    Equipment,
    GatewayState,
    TrendRow,
    View,
    Watched,
    trends_later,
)
from store import corrections, course_revisions, histories, pauses
from store import limits as stored_limits
from store.connection import Connection
from store.histories import EquipmentRow, WatchedRow
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.measure import Measure


class _OfPatient(Protocol):
    @property
    def patient_id(self) -> PatientId: ...


_Row = TypeVar("_Row", bound=_OfPatient)

_ANSWERS_BACK = timedelta(days=7)
_BREAKS_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A patient's view, and which of the readings behind it the store has as held.

    `look_at` is when something that is stored already becomes known or true; None where nothing waits.
    `memo` is what the rules found when the course was asked before.
    """

    view: View
    memo: Memo
    held: Set[ReadingId]
    held_by_checks: Set[ReadingId]
    decided: Set[ReadingId]
    look_at: datetime | None


def gather(
    connection: Connection,
    rulebook: Rulebook,
    patient_ids: Sequence[PatientId],
    now: datetime,
    memory: Memory | None = None,
) -> dict[PatientId, Gathered]:
    """The views of these patients, as far as they are on the ward now, in the order of their ids.

    With a memory it must come before any change of readings in the transaction: what is not committed must
    not be remembered.
    """
    rows = {row.patient_id: row for row in histories.watched(connection, patient_ids, now=now)}
    watched = {
        patient_id: row
        for patient_id, row in sorted(rows.items())
        if row.discharged_at is None or row.discharged_at > now
    }
    if not watched:
        return {}
    known = courses(connection, watched, now, Memory(0) if memory is None else memory)
    views = _views(connection, rulebook, watched, known, now)
    return {
        patient_id: Gathered(
            view=views[patient_id],
            memo=kept.memo,
            held=kept.held,
            held_by_checks=kept.held & kept.by_checks,
            decided=kept.decided.keys(),
            look_at=kept.holds_until if kept.holds_until < NEVER else None,
        )
        for patient_id, kept in known.items()
    }


def courses(
    connection: Connection, watched: Mapping[PatientId, WatchedRow], now: datetime, memory: Memory
) -> dict[PatientId, Kept]:
    """Each patient's course as of now: remembered, remembered and grown, or made anew."""
    # Counted before anything is read: what is committed in between is read twice, and never missed.
    counts = course_revisions.of_patients(connection, list(watched))
    known: dict[PatientId, Kept] = {}
    grown: dict[PatientId, datetime] = {}
    anew: dict[PatientId, datetime] = {}
    for patient_id, row in watched.items():
        counted = counts.setdefault(patient_id, course_revisions.none_of(patient_id))
        since = begin(patient_id, now)
        kept = memory.take(patient_id)
        if kept is None or not kept.holds(row.time_zone, since, counted, now):
            anew[patient_id] = since
            continue
        known[patient_id] = kept
        grown_from = kept.grown_from(counted)
        if grown_from is not None:
            grown[patient_id] = grown_from
    for patient_id, rows in histories.readings(connection, grown).items():
        if not known[patient_id].grow(rows, counts[patient_id], now):
            del known[patient_id]
            anew[patient_id] = begin(patient_id, now)
    if anew:
        words = corrections.words(connection, list(anew))
        for patient_id, rows in histories.readings(connection, anew).items():
            zone, counted = watched[patient_id].time_zone, counts[patient_id]
            known[patient_id] = Kept.anew(zone, anew[patient_id], counted, words[patient_id], rows, now)
    _note_trends(known, now)
    for patient_id, kept in known.items():
        memory.keep(patient_id, kept)
    return {patient_id: known[patient_id] for patient_id in watched}


def _note_trends(known: Mapping[PatientId, Kept], now: datetime) -> None:
    """Bring the trend features of all these courses up to date.

    Trend rules wait until a sitting is over, so that most news need no features: they are reckoned when a
    rule asks. Where a sitting is over, rules will ask, and those of all such patients are reckoned at once.
    """
    asked: list[tuple[Kept, Window]] = []
    for kept in known.values():
        course = kept.course
        over = tuple(course.changes(m) if _is_over(course, m, now) else 0 for m in SUMMED)
        if over != kept.reckoned and any(over):
            kept.reckoned = over
            if (window := course.window()) is not None:
                asked.append((kept, window))
        elif kept.trends_of != course.changes(None):
            kept.trends = trends_later(course)
            kept.trends_of = course.changes(None)
    if asked:
        features = trend.features(np.stack([window.values for _kept, window in asked]))
        for row, (kept, window) in enumerate(asked):
            kept.trends = TrendRow(features=features, row=row, day=window.day, at=window.at)
            kept.trends_of = kept.course.changes(None)


def _is_over(course: Course, measure: Measure, now: datetime) -> bool:
    """Whether the newest sitting with the measure is over, and still fresh."""
    last = course.last(measure)
    return last is not None and SESSION_GAP <= now - last.at <= FRESH


def _views(
    connection: Connection,
    rulebook: Rulebook,
    watched: Mapping[PatientId, WatchedRow],
    known: Mapping[PatientId, Kept],
    now: datetime,
) -> dict[PatientId, View]:
    ids = list(watched)
    own = _by_patient(stored_limits.of_patients(connection, ids, now=now))
    calibrations = stored_limits.calibrations(connection, now=now)
    answers = _by_patient(histories.answers(connection, ids, since=now - _ANSWERS_BACK, until=now))
    breaks = _by_patient(pauses.of_patients(connection, ids, since=now - _BREAKS_BACK))
    equipment = _by_patient(histories.equipment(connection, ids, now=now))
    views: dict[PatientId, View] = {}
    for patient_id, row in watched.items():
        rules = rulebook.for_programmes(p for p in row.programmes if p in rulebook.programmes)
        moved = [
            limits.Calibration(
                limit_name=c.limit_name, value=c.value, base=c.base, at=c.at, reason=f"was {c.was:g}"
            )
            for c in calibrations
            if c.ward_id == row.ward_id
        ]
        mine = [
            limits.OwnLimit(
                name=o.name,
                value=o.value,
                author=o.author,
                reason=o.reason,
                set_at=o.set_at,
                expires_at=o.expires_at,
            )
            for o in own.get(patient_id, [])
        ]
        views[patient_id] = View(
            patient=_watched(row),
            rules=rules,
            limits=limits.resolve(rules, moved, mine, now),
            course=known[patient_id].course,
            trends=known[patient_id].trends,
            answers=[
                AnswerGiven(question=a.question, yes=a.yes, at=a.at) for a in answers.get(patient_id, [])
            ],
            breaks=[Break(starts_at=b.starts_at, ends_at=b.ends_at) for b in breaks.get(patient_id, [])],
            equipment=_equipment(equipment.get(patient_id, [])),
        )
    return views


def _watched(row: WatchedRow) -> Watched:
    return Watched(
        patient_id=row.patient_id,
        time_zone=row.time_zone,
        birth_date=row.birth_date,
        enrolled_at=row.enrolled_at,
        programmes=dict(zip(row.programmes, row.starts_on, strict=True)),
        language=row.language,
        ward_id=row.ward_id,
    )


def _equipment(rows: Sequence[EquipmentRow]) -> Equipment:
    # Of several devices behind one gateway the one that was given out first counts.
    gateways = {
        row.gateway_id: GatewayState(
            gateway_id=GatewayId(row.gateway_id),
            online=bool(row.online),
            since=row.status_at,
            expected_from=row.expected_from,
            missing=row.missing,
            missing_since=row.missing_since,
        )
        for row in sorted(rows, key=lambda row: row.expected_from, reverse=True)
        if row.gateway_id is not None
    }
    devices = tuple(
        DeviceState(
            device_id=DeviceId(row.device_id),
            battery_percent=row.battery_percent,
            clock_offset_s=row.clock_offset_s,
            needs_pairing=row.needs_pairing,
        )
        for row in rows
    )
    return Equipment(devices=devices, gateways=tuple(gateways.values()))


def _by_patient(rows: Iterable[_Row]) -> dict[PatientId, list[_Row]]:
    grouped: dict[PatientId, list[_Row]] = defaultdict(list)
    for row in rows:
        grouped[row.patient_id].append(row)
    return grouped
