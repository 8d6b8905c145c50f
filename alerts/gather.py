"""From rows to views: everything that the rules may look at, for a batch of patients."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from alerts import limits, trend
from alerts.course import DAYS, Course
from alerts.measured import Measured
from alerts.rulebook import Rulebook
from alerts.view import (
    AnswerGiven,
    Break,
    DeviceState,
    Equipment,
    GatewayState,
    TrendRow,
    View,
    Watched,
)
from store import corrections, histories, pauses
from store import limits as stored_limits
from store.connection import Connection
from store.histories import EquipmentRow, ReadingRow, WatchedRow
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

LOOK_BACK = timedelta(days=DAYS + 5)
"""How far back readings are read: a window, and some days for the first weighings to be judged by."""


class _OfPatient(Protocol):
    @property
    def patient_id(self) -> PatientId: ...


_Row = TypeVar("_Row", bound=_OfPatient)

_ANSWERS_BACK = timedelta(days=7)
_BREAKS_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A patient's view, and which of the readings behind it the store has as held."""

    view: View
    held: frozenset[ReadingId]
    held_by_checks: frozenset[ReadingId]
    decided: frozenset[ReadingId]


def gather(
    connection: Connection, rulebook: Rulebook, patient_ids: Sequence[PatientId], now: datetime
) -> dict[PatientId, Gathered]:
    """The views of these patients, as far as they are on the ward now."""
    watched = {
        row.patient_id: row
        for row in histories.watched(connection, patient_ids, now=now)
        if row.discharged_at is None or row.discharged_at > now
    }
    ids = list(watched)
    if not ids:
        return {}
    readings = _by_patient(histories.readings(connection, ids, since=now - LOOK_BACK, until=now))
    words = corrections.words(connection, ids, until=now)
    courses = {
        patient_id: _course(watched[patient_id], readings.get(patient_id, []), words, now)
        for patient_id in ids
    }
    rows = trend_rows(courses)
    views = _views(connection, rulebook, watched, courses, rows, now)
    return {
        patient_id: Gathered(
            view=views[patient_id],
            held=(held := _held(readings.get(patient_id, []))),
            held_by_checks=held & words.held_by_checks,
            decided=frozenset(words.decided),
        )
        for patient_id in ids
    }


def _held(readings: Iterable[ReadingRow]) -> frozenset[ReadingId]:
    return frozenset(ReadingId(row.reading_id) for row in readings if row.standing == Standing.HELD)


def trend_rows(courses: Mapping[PatientId, Course]) -> dict[PatientId, TrendRow]:
    """The trend features of all courses at once."""
    windows = {patient_id: w for patient_id, course in courses.items() if (w := course.window()) is not None}
    if not windows:
        return {}
    features = trend.features(np.stack([window.values for window in windows.values()]))
    return {
        patient_id: TrendRow(features=features, row=row, day=window.day, at=window.at)
        for row, (patient_id, window) in enumerate(windows.items())
    }


def _views(
    connection: Connection,
    rulebook: Rulebook,
    watched: Mapping[PatientId, WatchedRow],
    courses: Mapping[PatientId, Course],
    rows: Mapping[PatientId, TrendRow],
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
            course=courses[patient_id],
            trends=rows.get(patient_id),
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


def _course(
    row: WatchedRow, readings: Iterable[ReadingRow], words: corrections.Words, now: datetime
) -> Course:
    course = Course(ZoneInfo(row.time_zone))
    for reading in readings:
        measured = _measured(reading, words, now)
        if measured is not None:
            course.add(measured)
    return course


def _measured(row: ReadingRow, words: corrections.Words, now: datetime) -> Measured | None:
    """The reading for the rules; None where the store holds it for a reason that is not the checks'."""
    reading_id = ReadingId(row.reading_id)
    decided = words.decided.get(reading_id)
    if decided is None and row.standing == Standing.EXCLUDED:
        decided = Standing.EXCLUDED
    held_elsewhere = row.standing == Standing.HELD and reading_id not in words.held_by_checks
    if decided is Standing.HELD or (decided is None and held_elsewhere):
        return None
    return Measured(
        reading_id=reading_id,
        at=row.measured_at,
        # Replayed history is stored later than it is asked about; then the gateway's word must do.
        known_at=max(row.received_at, row.stored_at) if row.stored_at <= now else row.received_at,
        values={Measure(measure): value for measure, value in zip(row.measures, row.measured, strict=True)},
        quality=frozenset(Quality(word) for word in row.quality),
        device_id=None if row.device_id is None else DeviceId(row.device_id),
        decided=decided,
    )


def _equipment(rows: Sequence[EquipmentRow]) -> Equipment:
    gateways = {
        row.gateway_id: GatewayState(
            gateway_id=GatewayId(row.gateway_id), online=bool(row.online), since=row.status_at
        )
        for row in rows
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
