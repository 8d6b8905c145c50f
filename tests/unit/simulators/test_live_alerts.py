"""What the shipped rules say of the live homes: one alert by script, and silence otherwise."""

from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest

from alerts.book import rulebook
from alerts.history.replay import Call, History, Replay
from alerts.readings.measured import Measured
from simulators.history import readings_of
from simulators.past import breaks, own_limits, watched
from simulators.people import Instrument, person_of
from simulators.replay import measured
from simulators.scenario import Fault, measurements
from simulators.seed import SEED, device_of
from simulators.ward import Home, load_ward
from vitals.alert import Priority
from vitals.ids import ReadingId

WARD = load_ward()
ZONE = ZoneInfo(WARD.time_zone)


def calls(home: Home, now: datetime, lasting: timedelta) -> list[Call]:
    """The alerts raised in a home that starts now, after its seeded history."""
    person = person_of(home.patient_id)
    devices = {instrument: device_of(WARD, person, instrument) for instrument in Instrument}
    past = readings_of(
        person,
        devices,
        since=now - timedelta(days=60),
        until=now,
        seeded_at=now,
        time_zone=ZONE,
        seed=SEED,
    )
    live = [
        Measured(
            reading_id=ReadingId(f"live-{number}"),
            at=now + one.after,
            known_at=now + one.after + timedelta(seconds=1),
            values=one.values,
            device_id=one.device_id,
        )
        for number, one in enumerate(takewhile(lambda m: m.after <= lasting, measurements(home, SEED, now)))
        if Fault.FAILED not in one.faults
    ]
    patient = watched(person, now, ZONE)
    history = History(
        patient=patient,
        readings=[*(measured(reading) for reading in past), *live],
        limits=own_limits(person, now),
        breaks=breaks(person, now),
    )
    rules = rulebook.shipped().for_programmes(patient.programmes)
    replay = Replay(history, rules, answer_after=None, since=now - timedelta(days=1))
    replay.advance(now + lasting)
    return [call for call in replay.calls if call.at > now]


@pytest.mark.parametrize("hour", [2, 15])
def test_the_scripted_patient_raises_one_urgent_alert_a_minute_or_two_after_the_start(hour: int) -> None:
    now = datetime(2026, 11, 25, hour, 37, tzinfo=UTC)
    (call,) = calls(WARD.homes[0], now, timedelta(hours=4))
    assert call.breach.rule == "spo2_crit"
    assert call.breach.priority is Priority.HIGH
    assert call.breach.confirmed
    assert timedelta(seconds=60) <= call.at - now <= timedelta(seconds=120)


@pytest.mark.parametrize("hour", [2, 15])
def test_nobody_else_raises_an_alert_for_hours(hour: int) -> None:
    now = datetime(2026, 11, 25, hour, 37, tzinfo=UTC)
    for home in WARD.homes[1:]:
        assert calls(home, now, timedelta(hours=6)) == []
