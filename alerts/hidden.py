"""What the worker does beside the alerts, in the same transaction: silent pilots, and the weekly list.

Whatever goes wrong here touches no alert: it is undone by itself, said in the log, and tried again later.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec
import structlog

from alerts.book.rulebook import Rulebook
from alerts.gather import Gathered
from alerts.history.track import Track
from alerts.rearm import REMEMBER
from alerts.review import weekly
from alerts.review.beside import PILOT_ANSWERED_AFTER, view_of
from alerts.review.comparison import definition_of
from alerts.review.pilots import Pilot
from alerts.review.weekly import Line
from alerts.rules.view import View
from store import pilots as stored
from store import weekly as stored_lines
from store.connection import Connection, transaction
from store.errors import StoreUnavailable
from store.pilots import Joins, WouldBe
from store.weekly import LineRow
from vitals.alert import Alert
from vitals.ids import PatientId
from vitals.measure import Measure

_log = structlog.get_logger()

# Longer than a rule may be quiet.
_LINES_BACK = timedelta(days=100)

Looks = dict[PatientId, datetime]
"""When each patient is to be looked at again though nothing new comes."""


def beside(
    connection: Connection, patients: Mapping[PatientId, Gathered], looks: Looks, now: datetime
) -> Looks:
    """Ask the pilots and the weekly rules of these patients as of `now`, and write what follows.

    Returns `looks`, each moved to where a hidden rule wants to be asked earlier. The caller has the patients
    locked.
    """
    hidden = [
        _apart(lambda: _weekly(connection, patients, now), "weekly list", patients),
        _apart(lambda: _pilots(connection, patients, now), "pilots", patients),
    ]
    return {
        patient_id: min([at, *(theirs[patient_id] for theirs in hidden if patient_id in theirs)])
        for patient_id, at in looks.items()
    }


def _apart(ask: Callable[[], Looks], whose: str, patients: Mapping[PatientId, Gathered]) -> Looks:
    """What it answers; where it fails nothing, so that neither it nor the live rules silence each other."""
    try:
        return ask()
    except StoreUnavailable:
        raise
    except Exception:  # noqa: BLE001  # a hidden rule must not silence the live ones
        _log.error("hidden rules failed", part=whose, patient_ids=sorted(patients), exc_info=True)
        return {}


def note_pilots(connection: Connection, book: Rulebook, now: datetime) -> None:
    """Write down which pilots run from now on, so that those taken out of the rulebook show as ended."""
    with transaction(connection):
        stored.in_force(connection, [definition_of(pilot) for pilot in book.pilots()], now)


def _pilots(connection: Connection, patients: Mapping[PatientId, Gathered], now: datetime) -> Looks:
    piloted = {patient_id: one.view for patient_id, one in patients.items() if one.view.rules.pilots}
    if not piloted:
        return {}
    with transaction(connection):
        return _ask_pilots(connection, piloted, now)


def _ask_pilots(connection: Connection, piloted: Mapping[PatientId, View], now: datetime) -> Looks:
    stored.join(
        connection,
        [_joins(pilot, patient_id) for patient_id, view in piloted.items() for pilot in view.rules.pilots],
        now,
    )
    known: defaultdict[tuple[PatientId, str, str], list[Alert]] = defaultdict(list)
    for one in stored.in_play(connection, list(piloted), now - REMEMBER):
        known[one.alert.patient_id, one.rule, one.fingerprint].append(one.alert)
    looks: Looks = {}
    for patient_id, view in piloted.items():
        for pilot in view.rules.pilots:
            theirs = known[patient_id, pilot.rule.id, pilot.fingerprint]
            look = _pilot(connection, pilot, view, theirs, now)
            looks[patient_id] = min(look, looks.get(patient_id, look))
    return looks


def _joins(pilot: Pilot, patient_id: PatientId) -> Joins:
    return Joins(
        rule=pilot.rule.id,
        fingerprint=pilot.fingerprint,
        rule_version=pilot.rule.version,
        patient_id=patient_id,
    )


def _pilot(connection: Connection, pilot: Pilot, view: View, theirs: list[Alert], now: datetime) -> datetime:
    """Take one pilot's would-be alerts of one patient a step on; when it wants to be asked again."""
    track = Track(view.patient.patient_id, [pilot.rule], answer_after=PILOT_ANSWERED_AFTER, alerts=theirs)
    look = track.evaluate(view_of(pilot, view), now)
    before = {alert.alert_id: alert for alert in theirs}
    new = [
        WouldBe(rule=pilot.rule.id, fingerprint=pilot.fingerprint, alert=alert)
        for alert_id, alert in track.alerts.items()
        if alert_id not in before
    ]
    known = [alert for alert_id, alert in track.alerts.items() if before.get(alert_id, alert) != alert]
    stored.keep(connection, new, known)
    for one in new:
        _log.info("pilot would have raised", patient_id=one.alert.patient_id, rule=one.rule)
    return look


def _weekly(connection: Connection, patients: Mapping[PatientId, Gathered], now: datetime) -> Looks:
    """Write what is new for the weekly list, if any rule has anything to say."""
    looks: Looks = {}
    speaking: list[PatientId] = []
    for patient_id, one in patients.items():
        said, look = weekly.lines(one.view.rules.weekly, one.view, {}, now, one.memo)
        if said:
            speaking.append(patient_id)
        if look is not None:
            looks[patient_id] = look
    if not speaking:
        return looks
    with transaction(connection):
        newest: defaultdict[PatientId, dict[str, Line]] = defaultdict(dict)
        for row in stored_lines.newest(connection, speaking, since=(now - _LINES_BACK).date()):
            newest[row.patient_id][row.rule] = _line(row)
        for patient_id in speaking:
            one = patients[patient_id]
            changed, _look = weekly.lines(one.view.rules.weekly, one.view, newest[patient_id], now, one.memo)
            stored_lines.keep(connection, [_row(line) for line in changed])
    return looks


def _line(row: LineRow) -> Line:
    return Line(
        patient_id=row.patient_id,
        rule=row.rule,
        rule_version=row.rule_version,
        problem=row.problem,
        measure=None if row.measure is None else Measure(row.measure),
        week=row.week,
        days=row.days,
        first_at=row.first_at,
        evidence_at=row.evidence_at,
        magnitude=row.magnitude,
        message=row.said,
    )


def _row(line: Line) -> LineRow:
    return LineRow(
        patient_id=line.patient_id,
        rule=line.rule,
        rule_version=line.rule_version,
        problem=line.problem,
        measure=line.measure,
        week=line.week,
        days=line.days,
        first_at=line.first_at,
        evidence_at=line.evidence_at,
        magnitude=line.magnitude,
        message=msgspec.to_builtins(line.message),
    )
