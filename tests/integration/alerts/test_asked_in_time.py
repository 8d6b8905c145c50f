"""A worker that remembers asks each rule as soon as its answer can be another, whatever it was that changed.

After each single thing that happens to a ward all that the worker would say and write is compared with what
one would that has nothing to remember. The ward lives near its limits, so that most changes matter.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from alerts import actions, gather
from alerts.memory import Memory
from store import alerts as stored
from store.connection import Connection
from tests.harness.said import oxygen, pressure, said
from tests.harness.troubled_ward import BOOK, DAY, HOUR, MINUTE, NURSE, Ward, assert_found_as_anew
from vitals.alert import Outcome
from vitals.ids import StaffId
from vitals.measure import Measure

MORNING = datetime(2031, 3, 3, 8, tzinfo=UTC)
STEPS = 40
USUAL_DAYS = 16
LIMITS_OF = {
    Measure.SYSTOLIC: ("systolic_crisis", "systolic_stage2"),
    Measure.SPO2: ("spo2_critical", "spo2_low"),
    Measure.HEART_RATE: ("heart_rate_high",),
    Measure.WEIGHT: ("weight_gain_fast", "weight_gain_day"),
}
SECONDS = timedelta(seconds=2)
TIMES = (MINUTE, 12 * MINUTE, 16 * MINUTE, 16 * MINUTE, HOUR, HOUR, 7 * HOUR, DAY, -20 * MINUTE)


def measured(chance: Random) -> list[dict[Measure, float]]:
    """A sitting with one instrument: two readings, which agree."""
    kind = chance.randrange(5)
    if kind < 2:
        systolic, diastolic = chance.choice((118, 147, 158, 172, 178)), chance.choice((76, 88, 98))
        return [pressure(systolic + more, diastolic, 72) for more in (0, 1)]
    if kind < 4:
        spo2, rate = chance.choice((82, 86, 89, 91, 94)), chance.choice((72, 98, 108))
        return [oxygen(spo2, rate), oxygen(spo2, rate)]
    return [{Measure.WEIGHT: 80 + chance.choice((0.0, 1.1, 1.6, 2.4))}]


def measure(ward: Ward, whom: int, chance: Random, ago: timedelta = timedelta(0)) -> Iterable[Measure]:
    """A patient measures, so long ago; what."""
    values: dict[Measure, float] = {}
    for number, values in enumerate(measured(chance)):
        at = ward.now - ago - (3 - 2 * number) * MINUTE
        late = chance.choice((SECONDS, min(ago, HOUR)))
        reading_id = said(ward.connection, values, at, patient_id=ward.ids[whom], received_after=late)
        ward.said.append((ward.ids[whom], reading_id))
    return values


def narrow(ward: Ward, chance: Random) -> None:
    """A patient measures, the worker looks, and then a limit of what was measured is set: for them alone."""
    whom = chance.randrange(2)
    names = [name for one in measure(ward, whom, chance) for name in LIMITS_OF.get(one, ())]
    ward.evaluate(2, 0)
    for name in names:
        spec = BOOK.limit(name)
        assert spec is not None
        alarming, quiet = spec.safe if spec.cautious == "lower" else reversed(spec.safe)
        value = alarming if chance.random() < 0.7 else quiet
        until = ward.now + chance.choice((HOUR, DAY))
        ward.set_limit(ward.ids[whom], name, value, ward.now - MINUTE, until)


def dismiss(ward: Ward, chance: Random) -> None:
    """A nurse closes some of the open alerts as errors, so that their problems can be raised again."""
    for alert in stored.open_alerts(ward.connection, ward.ward_id):
        if chance.random() < 0.5:
            actions.close(
                ward.connection,
                alert.alert_id,
                rev=alert.rev,
                actor=StaffId(NURSE),
                now=ward.now,
                outcome=Outcome.MEASUREMENT_ERROR,
            )


def happen(ward: Ward, chance: Random) -> None:
    """One thing happens: mostly a sitting, a change of what it is judged by, or that time passes."""
    die = chance.random()
    if die < 0.15:
        narrow(ward, chance)
    elif die < 0.4:
        measure(
            ward, chance.randrange(2), chance, chance.choice((timedelta(0), timedelta(0), HOUR, 26 * HOUR))
        )
    elif die < 0.7:
        ward.change(chance.randrange(2), chance.randrange(7), chance.randrange(60))
    elif die < 0.9:
        ward.pass_time(chance.choice(TIMES))
    elif die < 0.97:
        ward.decide(len(ward.said) - 1 - chance.randrange(4), chance.randrange(12))
    else:
        ward.meddle(len(ward.said) - 1 - chance.randrange(4), chance.randrange(5))


@pytest.mark.parametrize("seed", [0, 3])
def test_what_a_worker_remembers_never_hides_what_has_changed(connection: Connection, seed: int) -> None:
    chance, ward = Random(seed), Ward(connection)
    ward.now = MORNING
    for day in range(USUAL_DAYS * 2):
        measure(ward, day % 2, chance, (USUAL_DAYS - day / 2) * DAY)
    mine, breached, written = ward.memories[0], set[str](), 0
    for _step in range(STEPS):
        ward.evaluate(2, 0)
        dismiss(ward, chance)
        happen(ward, chance)
        found = gather.gather(connection, BOOK, ward.ids, ward.now, mine)
        anew = gather.gather(connection, BOOK, ward.ids, ward.now)
        breached |= assert_found_as_anew(found, anew, ward.now)
        outcome = ward.outcome(mine)
        assert outcome == ward.outcome(Memory(0))
        written += len(outcome["alerts"])
    assert len(breached) >= 4, f"a quiet ward proves nothing: only {sorted(breached)}"
    assert written >= 8, "a ward on which nothing follows proves nothing"
