"""Two patients to whom everything happens that can happen to a ward, and two workers who remember them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from alerts import worker
from alerts.book import rulebook
from alerts.book.rulebook import Rulebook
from alerts.book.schema import AnyRule, StaleRule
from alerts.gather import Gathered
from alerts.memory import Memory
from alerts.rules.evaluate import find
from runtime.clock import utc_now
from store import decisions, devices, gateways, histories, limits, patients, pauses, readings
from store.connection import Connection, transaction
from store.decisions import Says
from store.limits import CalibrationRow
from store.readings import AdmittedReading
from tests.harness.said import oxygen, pressure
from tests.harness.small_ward import CUFF, ENROLLED, SCALE, assign, patient
from vitals.alert import Priority
from vitals.ids import AlertId, DeviceId, GatewayId, PatientId, ReadingId, StaffId
from vitals.measure import Measure
from vitals.patient import Programme
from vitals.reading import Reading

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEPS = (MINUTE, 20 * MINUTE, HOUR, 9 * HOUR, DAY, DAY, 3 * DAY, 40 * DAY, -HOUR, -2 * DAY)
NURSE = "s-1"

_numbers = count(1)

Outcome = dict[str, list[object]]
"""What an evaluation wrote: the alerts' happenings, the next looks, the weekly list, pilots and asks."""


def _everything() -> Rulebook:
    """The shipped rules, one of them on trial too, and a silence that the partner is called for an alert."""
    shipped = rulebook.shipped()
    everyone = shipped.programmes["everyone"]
    rules: list[AnyRule] = []
    for rule in everyone.rules:
        if isinstance(rule, StaleRule):
            low = {"priority": Priority.LOW}
            rungs = [rung.model_copy(update=low) if rung.step == "partner" else rung for rung in rule.ladder]
            rules.append(rule.model_copy(update={"ladder": tuple(rungs)}))
        else:
            rules.append(rule)
        if rule.id == "bp_crisis":
            rules.append(rule.model_copy(update={"id": "on_trial", "pilot": True}))
    return Rulebook({**shipped.programmes, "everyone": everyone.model_copy(update={"rules": tuple(rules)})})


BOOK = _everything()


class Undone(Exception):
    """An evaluation that does not come to its commit."""


class Ward:
    """Two patients, a clock, and two workers' memories; every step is something that happens to a ward."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.number = next(_numbers)
        self.ward_id = f"ward-{self.number}"
        self.ids = [PatientId(f"p-{self.number}-{letter}") for letter in "ab"]
        self.now = utc_now() + DAY  # after everything is stored, as in a live ward
        self.memories = [Memory(10_000), Memory(10_000)]
        self.said: list[tuple[PatientId, ReadingId]] = []
        self.weight = 80.0
        self.limits: list[int] = []
        self.pauses: list[int] = []
        home, own = GatewayId(f"gw-{self.number}"), DeviceId(f"own-{self.number}")
        with transaction(connection):
            patients.add_ward(connection, self.ward_id, name="Ward", time_zone="Europe/Berlin")
            gateways.add(connection, home, label="Home", enrolled_at=ENROLLED)
            devices.add(connection, own, gateway_id=home, profile="test", enrolled_at=ENROLLED)
            for slot, patient_id in enumerate(self.ids):
                one = patient(patient_id, "Any", "Body", Programme.HEART_FAILURE)
                patients.add(connection, replace(one, ward_id=self.ward_id), enrolled_at=ENROLLED)
                assign(connection, own, patient_id, user_slot=slot)

    def evaluate(self, whom: int, who: int, *, undone: bool = False) -> None:
        """A worker evaluates a patient, or both together; perhaps its transaction fails in the end."""
        ids = self.ids if whom == 2 else [self.ids[whom]]
        with suppress(Undone), transaction(self.connection):
            worker.evaluate_patients(self.connection, ids, self.now, BOOK, self.memories[who])
            if undone:
                raise Undone

    def read(self, whom: int, kind: int, late: timedelta, ago: timedelta, *, backlog: bool) -> None:
        """Readings arrive: measured so long ago, received so late, alone or as a backlog of four."""
        admitted = [
            self._reading(whom, kind + step, self.now - ago + step * 9 * HOUR, late)
            for step in range(4 if backlog else 1)
        ]
        with transaction(self.connection):
            readings.store(self.connection, admitted, now=self.now, as_if_then=kind % 2 == 0)

    def _reading(self, whom: int, kind: int, at: datetime, late: timedelta) -> AdmittedReading:
        reading_id = ReadingId(f"m{next(_numbers)}")
        self.said.append((self.ids[whom], reading_id))
        self.weight += 0.3 if kind % 3 else -0.2
        values = (
            {Measure.WEIGHT: self.weight},
            pressure(128 + kind, 76),
            oxygen(90, heart_rate=99),
            {Measure.WEIGHT: self.weight + 17},
            {Measure.WEIGHT: self.weight * 2.2046},
            {Measure.WEIGHT: self.weight + 4.6},
        )[kind % 6]
        reading = Reading(
            reading_id=reading_id,
            device_id=SCALE if kind % 7 else CUFF,
            profile="test",
            measured_at=at,
            received_at=at + late,
            values=values,
        )
        return AdmittedReading(reading=reading, patient_id=self.ids[whom])

    def decide(self, which: int, how: int) -> None:
        """A person decides about one of the readings, or the other patient gets it."""
        if not self.said:
            return
        patient_id, reading_id = self.said[which % len(self.said)]
        at = self.now + (5 * MINUTE if how > 5 else -MINUTE)  # by a clock that may be ahead of the worker's
        says = Says(reading_id=reading_id, patient_id=patient_id, by=StaffId(NURSE), reason="asked", at=at)
        with transaction(self.connection):
            if how % 6 == 0:
                decisions.exclude(self.connection, says)
            elif how % 6 == 1:
                decisions.hold(self.connection, says)
            elif how % 6 == 2:
                decisions.release(self.connection, says)
            elif how % 6 == 3:
                decisions.correct(self.connection, says, Measure.WEIGHT, 78.5)
            else:
                other = self.ids[1 - self.ids.index(patient_id)]
                decisions.give(self.connection, says, other)
                self.said[which % len(self.said)] = (other, reading_id)

    def meddle(self, which: int, how: int) -> None:
        """Somebody changes rows by hand, or the patient moves, leaves or comes back."""
        patient_id, reading_id = self.said[which % len(self.said)] if self.said else (self.ids[0], "")
        asked = {"patient_id": patient_id, "reading_id": reading_id, "now": self.now}
        self.connection.execute(_BY_HAND[how % len(_BY_HAND)], asked)

    def pass_time(self, step: timedelta) -> None:
        self.now += step

    def change(self, whom: int, what: int, how: int) -> None:
        """Something else changes than the readings: a limit, a pause, a programme, an answer, equipment."""
        with transaction(self.connection):
            _CHANGES[what % len(_CHANGES)](self, self.ids[whom], how)

    def set_limit(
        self, patient_id: PatientId, name: str, value: float, set_at: datetime, expires_at: datetime | None
    ) -> None:
        """A doctor sets a limit of the patient's own."""
        limit_id = limits.add(
            self.connection,
            patient_id,
            name,
            value,
            author=NURSE,
            reason="asked",
            set_at=set_at,
            expires_at=expires_at,
        )
        self.limits.append(limit_id)

    def outcome(self, memory: Memory) -> Outcome:
        """All that an evaluation of both patients would write now; nothing of it is kept."""
        found: Outcome = {}
        with suppress(Undone), transaction(self.connection):
            changes = worker.evaluate_patients(self.connection, self.ids, self.now, BOOK, memory)
            found["alerts"] = [(replace(c.alert, alert_id=AlertId(0)), c.what) for c in changes]
            for name, query in _WRITTEN.items():
                found[name] = list(self.connection.execute(query, {"patient_ids": self.ids}).fetchall())
            raise Undone
        return found


_BY_HAND = (
    b"UPDATE observations SET value = value + 1 WHERE reading_id = %(reading_id)s",
    b"DELETE FROM observations WHERE reading_id = %(reading_id)s",
    b"UPDATE observations SET measured_at = measured_at - interval '1 day' WHERE reading_id = %(reading_id)s",
    b"UPDATE readings SET device_id = 'cuff-1' WHERE reading_id = %(reading_id)s",
    b"INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)"
    b" SELECT patient_id, 'temperature', measured_at, 37.1, reading_id, received_at FROM observations"
    b" WHERE reading_id = %(reading_id)s AND measure = 'weight' ON CONFLICT DO NOTHING",
    b"UPDATE patients SET time_zone = 'America/New_York' WHERE patient_id = %(patient_id)s",
    b"UPDATE patients SET discharged_at = %(now)s WHERE patient_id = %(patient_id)s",
    b"UPDATE patients SET discharged_at = NULL WHERE patient_id = %(patient_id)s",
)

_WRITTEN = {
    "looks": b"SELECT patient_id, look_at FROM evaluations_planned"
    b" WHERE patient_id = ANY(%(patient_ids)s) ORDER BY 1",
    "weekly lines": b"SELECT patient_id, rule, week, days, evidence_at, message FROM weekly_lines"
    b" WHERE patient_id = ANY(%(patient_ids)s) ORDER BY 1, 2, 3",
    "pilots": b"SELECT patient_id, rule, raised_at, closed_at, state - 'alert_id' FROM pilot_alerts"
    b" WHERE patient_id = ANY(%(patient_ids)s) ORDER BY 1, 2, 3",
    "asks": b"SELECT patient_id, kind, because, since, asked_at, answered_at FROM asks"
    b" WHERE patient_id = ANY(%(patient_ids)s) ORDER BY 1, 2, 4, 3",
    "standings": b"SELECT patient_id, reading_id, measure, standing FROM observations"
    b" WHERE patient_id = ANY(%(patient_ids)s) ORDER BY 1, 2, 3",
}


def assert_found_as_anew(
    found: Mapping[PatientId, Gathered], anew: Mapping[PatientId, Gathered], now: datetime
) -> set[str]:
    """Of every rule what is remembered is what it finds when it is asked; the rules that found a breach."""
    breached: set[str] = set()
    for patient_id, one in found.items():
        assert one.view.rules is anew[patient_id].view.rules
        for rule in (*one.view.rules.live, *one.view.rules.weekly):
            remembered = one.memo.find(rule, one.view, now)
            assert remembered == find(rule, anew[patient_id].view, now), (rule.id, patient_id, now)
            breached |= {rule.id} if remembered.breach is not None else set()
    return breached


def _limit(ward: Ward, patient_id: PatientId, how: int) -> None:
    """A doctor sets a limit, for good or for a while, perhaps by a clock that is ahead; or takes one back."""
    if how % 5 == 0 and ward.limits:
        limits.revoke(ward.connection, ward.limits.pop(), author=NURSE, reason="over", at=ward.now)
        return
    name, value = _LIMITS[how % len(_LIMITS)]
    set_at = ward.now + (5 * MINUTE if how % 7 == 0 else -MINUTE)
    ward.set_limit(patient_id, name, value, set_at, (None, ward.now + HOUR, ward.now + 2 * DAY)[how % 3])


def _pause(ward: Ward, patient_id: PatientId, how: int) -> None:
    """The patient goes on holiday, now or tomorrow, and perhaps comes back sooner."""
    if how % 3 == 0 and ward.pauses:
        what = (pauses.PauseEvent.ENDED, pauses.PauseEvent.TAKEN_BACK)[how % 2]
        pauses.change(ward.connection, ward.pauses.pop(), what, author=NURSE, at=ward.now)
        return
    starts_at = ward.now + (DAY if how % 2 else -HOUR)
    pause_id = pauses.add(
        ward.connection,
        patient_id,
        reason="holiday",
        author=NURSE,
        starts_at=starts_at,
        ends_at=starts_at + (HOUR, 3 * DAY, 9 * DAY)[how % 3],
    )
    ward.pauses.append(pause_id)


def _programme(ward: Ward, patient_id: PatientId, how: int) -> None:
    """The patient joins a programme, today or tomorrow, or leaves one."""
    asked = {
        "patient_id": patient_id,
        "programme": _PROGRAMMES[how % len(_PROGRAMMES)],
        "day": (ward.now + (how % 2) * DAY).date(),
    }
    ward.connection.execute(_JOINS if how % 4 else _LEAVES, asked)


def _answer(ward: Ward, patient_id: PatientId, how: int) -> None:
    """The patient answers a check-in question."""
    question = ("breathless", "swollen", "dizzy", "chest_pain")[how % 4]
    histories.add_answer(
        ward.connection, patient_id, question, yes=how % 3 > 0, at=ward.now - MINUTE, author=StaffId(NURSE)
    )


def _equipment(ward: Ward, _patient_id: PatientId, how: int) -> None:
    """The gateway falls silent or speaks again, the cuff runs down, loses its pairing or its clock."""
    asked = {"name": f"{ward.number}", "now": ward.now}
    ward.connection.execute(_EQUIPMENT[how % len(_EQUIPMENT)], asked)


def _calibration(ward: Ward, _patient_id: PatientId, how: int) -> None:
    """The ward's threshold of a trend is moved to its alert budget."""
    row = CalibrationRow(
        ward_id=ward.ward_id,
        limit_name="hf_score",
        rule="hf_decompensation",
        base=BOOK.programmes["heart_failure"].limits["hf_score"].value,
        was=3.4,
        value=(2.3, 3.0, 5.1)[how % 3],
        budget=0.5,
        found=0.6,
        patient_months=10.0,
        at=ward.now + (HOUR if how % 5 == 0 else timedelta(0)),
    )
    limits.calibrate(ward.connection, row)


# Each as far to either side as is safe: what was within it is beyond it then, or the other way round.
_NAMES = (
    *("systolic_crisis", "systolic_stage2", "diastolic_stage2", "heart_rate_high", "spo2_critical"),
    *("spo2_low", "weight_gain_fast", "weight_gain_day", "weight_drift_up", "hf_score"),
)
_LIMITS = tuple(
    (name, bound) for name in _NAMES if (spec := BOOK.limit(name)) is not None for bound in spec.safe
)
_PROGRAMMES = ("copd", "post_discharge", "hypertension", "hypercapnia", "atrial_fibrillation")
_JOINS = b"""
    INSERT INTO programme_enrolments (patient_id, programme, starts_on)
    VALUES (%(patient_id)s, %(programme)s, %(day)s) ON CONFLICT DO NOTHING
"""
_LEAVES = b"""
    UPDATE programme_enrolments SET ends_on = %(day)s
    WHERE patient_id = %(patient_id)s AND ends_on IS NULL AND starts_on <= %(day)s
"""
_EQUIPMENT = (
    b"UPDATE gateways SET online = false, status_at = %(now)s WHERE gateway_id = 'gw-' || %(name)s",
    b"UPDATE gateways SET online = true, status_at = %(now)s WHERE gateway_id = 'gw-' || %(name)s",
    b"UPDATE devices SET battery_percent = 4 WHERE device_id = 'own-' || %(name)s",
    b"UPDATE devices SET needs_pairing = NOT needs_pairing WHERE device_id = 'own-' || %(name)s",
    b"UPDATE devices SET clock_offset_s = 86400 - coalesce(clock_offset_s, 0)"
    b" WHERE device_id = 'own-' || %(name)s",
)
_CHANGES: tuple[Callable[[Ward, PatientId, int], None], ...] = (
    _limit,
    _limit,
    _pause,
    _programme,
    _answer,
    _equipment,
    _calibration,
)
