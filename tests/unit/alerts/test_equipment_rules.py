"""Technical rules look at the equipment, and a silence with a technical cause is not the patient's."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.book import texts
from alerts.book.limits import resolve
from alerts.book.rulebook import shipped
from alerts.book.schema import StaleRule, TechnicalRule
from alerts.readings.course import Course
from alerts.readings.measured import Measured
from alerts.rules import stale, technical
from alerts.rules.evaluate import find
from alerts.rules.view import DeviceState, Equipment, Finding, GatewayState, View, Watched
from vitals.alert import Kind, Priority
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.measure import Measure

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def device(**changes: float | bool | None) -> DeviceState:
    fine = DeviceState(device_id=DeviceId("d1"), battery_percent=80, clock_offset_s=1.0, needs_pairing=False)
    return replace(fine, **changes)  # pyright: ignore[reportArgumentType]


def gateway(*, online: bool, since: datetime = T0) -> GatewayState:
    return GatewayState(gateway_id=GatewayId("g1"), online=online, since=since)


def view(*, equipment: Equipment, last_weight_at: datetime | None = None) -> View:
    rules = shipped().for_programmes(["heart_failure"])
    course = Course(ZoneInfo("Europe/London"))
    if last_weight_at is not None:
        values = {Measure.WEIGHT: 80.0}
        said = Measured(reading_id=ReadingId("r1"), at=last_weight_at, known_at=last_weight_at, values=values)
        course.add(said)
    return View(
        patient=Watched(
            patient_id=PatientId("p1"),
            time_zone="Europe/London",
            birth_date=date(1950, 1, 1),
            enrolled_at=T0 - 30 * DAY,
            programmes={"heart_failure": date(2026, 2, 1)},
        ),
        rules=rules,
        limits=resolve(rules, (), (), T0),
        course=course,
        trends=None,
        equipment=equipment,
    )


def asked(rule_id: str, equipment: Equipment, now: datetime = T0) -> Finding:
    rule = shipped().rule(rule_id)
    assert isinstance(rule, TechnicalRule)
    return technical.find(rule, view(equipment=equipment), now)


def test_a_gateway_that_fell_silent_is_looked_at_again_when_its_hours_are_over() -> None:
    silent = Equipment(gateways=(gateway(online=False),))
    assert asked("gateway_silent", silent, T0 + 5 * HOUR).look_at == T0 + 6 * HOUR
    found = asked("gateway_silent", silent, T0 + 6 * HOUR).breach
    assert found is not None
    assert found.kind is Kind.TECHNICAL
    assert asked("gateway_silent", Equipment(gateways=(gateway(online=True),))).normal_at == T0


def never_heard(*, expected_from: datetime = T0) -> GatewayState:
    return replace(gateway(online=False), since=None, expected_from=expected_from)


def test_a_gateway_that_was_never_heard_is_told_two_days_after_it_was_to_be() -> None:
    box = Equipment(gateways=(never_heard(),))
    assert asked("gateway_never_heard", box, T0 + 47 * HOUR) == Finding(look_at=T0 + 2 * DAY)
    found = asked("gateway_never_heard", box, T0 + 2 * DAY).breach
    assert found is not None
    assert (found.kind, found.problem, found.priority) == (Kind.TECHNICAL, "gateway", Priority.LOW)
    assert (
        texts.say(found.message) == "The home gateway has never been heard, 48 hours after it was given out"
    )
    assert asked("gateway_silent", box, T0 + 30 * DAY) == Finding()


def test_a_gateway_that_was_heard_once_is_no_longer_one_that_never_was() -> None:
    late = T0 + 3 * DAY
    heard = Equipment(gateways=(gateway(online=False), never_heard()))
    assert asked("gateway_never_heard", heard, late).normal_at == late
    assert asked("gateway_silent", heard, late).breach is not None
    working = Equipment(gateways=(gateway(online=True), never_heard()))
    assert asked("gateway_silent", working, late).normal_at == late
    assert asked("gateway_never_heard", Equipment(), late).breach is None


def test_readings_that_did_not_arrive_are_told_after_their_hours_unless_the_gateway_may_hold_them() -> None:
    lost = replace(gateway(online=True), missing=2, missing_since=T0)
    assert asked("readings_gap", Equipment(gateways=(lost,)), T0 + 5 * HOUR) == Finding(look_at=T0 + 6 * HOUR)
    found = asked("readings_gap", Equipment(gateways=(lost,)), T0 + 6 * HOUR).breach
    assert found is not None
    assert (found.at, found.magnitude) == (T0 + 6 * HOUR, 2)
    assert texts.say(found.message) == (
        "2 readings of the home gateway did not arrive, though later ones did; none has followed for 6 hours"
    )
    away = Equipment(gateways=(replace(lost, online=False),))
    assert asked("readings_gap", away, T0 + 9 * HOUR) == Finding()
    whole = Equipment(gateways=(gateway(online=True),))
    assert asked("readings_gap", whole).normal_at == T0


@pytest.mark.parametrize(
    ("rule", "fine", "trouble"),
    [
        ("device_battery", {"battery_percent": 20}, {"battery_percent": 19}),
        ("device_clock", {"clock_offset_s": -300.0}, {"clock_offset_s": -301.0}),
        ("device_pairing", {"needs_pairing": False}, {"needs_pairing": True}),
    ],
)
def test_equipment_is_fine_up_to_its_limit_and_trouble_beyond(
    rule: str, fine: dict[str, float], trouble: dict[str, float]
) -> None:
    assert asked(rule, Equipment(devices=(device(**fine),))).breach is None
    assert asked(rule, Equipment(devices=(device(**trouble),))).breach is not None


def silence(equipment: Equipment, days: int) -> Finding:
    rules = shipped().for_programmes(["heart_failure", "post_discharge"]).rules
    rule = next(r for r in rules if isinstance(r, StaleRule))
    now = T0 + days * DAY
    return find(rule, view(equipment=equipment, last_weight_at=T0 - 4 * HOUR), now)


def test_a_silence_behind_an_offline_gateway_is_the_equipments_until_a_nurse_must_decide() -> None:
    offline = Equipment(gateways=(gateway(online=False),))
    online = Equipment(gateways=(gateway(online=True),))
    assert silence(online, 3).breach is not None
    assert silence(offline, 3).breach is None
    decided = silence(offline, 5).breach
    assert decided is not None
    assert decided.message.key == "silence_nurse"


def test_a_device_that_lost_its_pairing_is_no_patients_silence() -> None:
    assert silence(Equipment(devices=(device(needs_pairing=True),)), 3).breach is None


def test_the_rule_is_asked_again_exactly_when_another_day_counts() -> None:
    first = silence(Equipment(), 0).look_at
    assert first == datetime(2026, 3, 4, 11, tzinfo=UTC)
    assert stale.missing_measures(view(equipment=Equipment(), last_weight_at=T0), T0)[0].days == 0
