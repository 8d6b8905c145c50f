"""The readings of the weeks before: the same from the same seed, and what the person's file says."""

from datetime import UTC, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from simulators.history import readings_of
from simulators.people import Instrument, Person, load_people
from simulators.seed import SEED, device_of
from simulators.ward import load_ward
from vitals.measure import Measure, plausible
from vitals.reading import Reading

NOW = datetime(2026, 3, 29, 2, 10, tzinfo=UTC)
WARD = load_ward()


def past(person: Person, *, days: float = 60, until: datetime = NOW, seed: int = SEED) -> list[Reading]:
    return readings_of(
        person,
        {instrument: device_of(WARD, person, instrument) for instrument in Instrument},
        since=NOW - timedelta(days=days),
        until=until,
        seeded_at=NOW,
        time_zone=ZoneInfo(WARD.time_zone),
        seed=seed,
    )


def named(family_name: str) -> Person:
    (person,) = [person for person in load_people() if person.family_name == family_name]
    return person


def mean(readings: list[Reading], measure: Measure) -> float:
    return fmean(reading.values[measure] for reading in readings if measure in reading.values)


def test_the_same_seed_gives_the_same_past_and_another_seed_another() -> None:
    person = named("Doyle")
    assert past(person) == past(person)
    assert past(person) != past(person, seed=SEED + 1)


def test_a_part_of_the_past_is_the_same_whether_asked_for_alone_or_with_the_rest() -> None:
    person = named("Aslam")
    whole = past(person)
    assert past(person, days=10) == [r for r in whole if r.measured_at >= NOW - timedelta(days=10)]


def test_every_reading_is_physiology_in_order_and_told_apart_from_every_other() -> None:
    everything = [reading for person in load_people() for reading in past(person)]
    assert len({reading.reading_id for reading in everything}) == len(everything)
    for person in load_people():
        readings = past(person)
        assert readings == sorted(readings, key=lambda r: (r.measured_at, r.reading_id))
        for reading in readings:
            assert reading.measured_at < reading.received_at
            assert all(plausible(measure, value) for measure, value in reading.values.items())


def test_a_person_shows_what_their_file_calls_usual_while_nothing_is_wrong() -> None:
    for name in ("Thornley", "Aslam", "Achebe", "Dobson", "Ashworth"):
        person = named(name)
        readings = past(person)
        body = person.body
        for measure, usual, tolerance in (
            (Measure.SYSTOLIC, body.systolic_mmhg, 6.0),
            (Measure.WEIGHT, body.weight_kg, 1.0),
            (Measure.SPO2, body.spo2_percent, 0.6),
        ):
            if any(measure in reading.values for reading in readings):
                assert abs(mean(readings, measure) - usual) < tolerance


def test_an_illness_moves_what_it_should_and_nothing_before_it_began() -> None:
    doyle = past(named("Doyle"))
    before = [r for r in doyle if r.measured_at < NOW - timedelta(days=12)]
    now = [r for r in doyle if r.measured_at > NOW - timedelta(days=2)]
    assert 2.0 < mean(now, Measure.WEIGHT) - mean(before, Measure.WEIGHT) < 5.0
    assert abs(mean(before, Measure.WEIGHT) - named("Doyle").body.weight_kg) < 1.0


def test_whoever_fell_silent_is_silent_and_nobody_else() -> None:
    for person in load_people():
        last = NOW - past(person)[-1].measured_at
        silent = person.habit.silent_days
        assert last > timedelta(days=silent) if silent else last < timedelta(days=8)


def test_extra_readings_have_the_last_word() -> None:
    person = named("Lloyd")
    extras = {(NOW - timedelta(hours=extra.hours_ago)).replace(microsecond=0) for extra in person.extras}
    assert {reading.measured_at for reading in past(person)[-len(extras) :]} == extras
