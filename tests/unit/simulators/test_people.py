"""The invented patients and their team: invented for certain, and plausible."""

import re
from collections import Counter
from datetime import UTC, datetime

from alerts.book import limits, rulebook
from simulators.past import own_limits
from simulators.people import Instrument, load_people, load_staff
from simulators.seed import DEMO_EMAIL, device_of
from simulators.ward import load_ward
from vitals.patient import Programme, Sex

PEOPLE = load_people()


def test_forty_people_of_every_programme_and_both_sexes_are_on_the_ward() -> None:
    assert len(PEOPLE) == 40
    assert {programme for person in PEOPLE for programme in person.programmes} == set(Programme)
    assert min(Counter(person.sex for person in PEOPLE)[sex] for sex in (Sex.FEMALE, Sex.MALE)) >= 15


def test_record_numbers_are_of_the_range_for_tests_and_carry_their_check_digit() -> None:
    numbers = [person.record_number.replace(" ", "") for person in PEOPLE]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert re.fullmatch(r"999\d{7}", number)
        weighed = sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False))
        assert (11 - weighed % 11) % 11 == int(number[9])


def test_every_telephone_number_is_of_the_range_for_fiction() -> None:
    team = [member.phone for person in PEOPLE for member in person.care_team if member.phone]
    for phone in [person.phone for person in PEOPLE] + team:
        assert re.fullmatch(r"01632 960\d{3}", phone)
    assert len({person.phone for person in PEOPLE}) == len(PEOPLE)


def test_addresses_are_of_the_domains_for_examples() -> None:
    assert all(person.email is None or person.email.endswith("@example.org") for person in PEOPLE)
    assert all(member.email.endswith("@hearthward.example") for member in load_staff())
    assert DEMO_EMAIL in {member.email for member in load_staff()}


def test_allergies_are_known_for_some_absent_for_some_and_not_recorded_for_some() -> None:
    kinds = Counter("unknown" if p.allergies is None else bool(p.allergies) for p in PEOPLE)
    assert min(kinds["unknown"], kinds[True], kinds[False]) >= 3


def test_one_patient_needs_an_interpreter_and_several_languages_are_spoken() -> None:
    assert [person.language for person in PEOPLE if person.interpreter] == ["pl"]
    assert len({person.language for person in PEOPLE}) >= 8


def test_whoever_set_a_limit_or_a_pause_is_on_the_team() -> None:
    team = {member.staff_id for member in load_staff()}
    authors = {limit.author for person in PEOPLE for limit in person.limits}
    authors |= {person.pause.author for person in PEOPLE if person.pause is not None}
    assert authors
    assert authors <= team


def test_every_limit_of_a_persons_own_is_one_that_the_rulebook_would_let_a_nurse_set() -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    seen = 0
    for person in PEOPLE:
        rules = rulebook.shipped().for_programmes(person.programmes)
        in_force = limits.resolve(rules, (), own_limits(person, now), now)
        for limit in person.limits:
            seen += 1
            assert limits.refusal(rules, in_force, limit.name, limit.value) is None, person.family_name
            assert in_force[limit.name].value == limit.value
    assert seen >= 8


def test_the_people_of_the_live_homes_measure_with_the_devices_that_stand_there() -> None:
    of_id = {person.patient_id: person for person in PEOPLE}
    for home in load_ward().homes:
        instruments = of_id[home.patient_id].habit.instruments
        assert {device.family.value for device in home.devices} == {
            instrument.value for instrument in instruments
        }


def test_no_two_people_share_a_device() -> None:
    ward = load_ward()
    devices = [device_of(ward, person, instrument) for person in PEOPLE for instrument in Instrument]
    assert len(set(devices)) == len(devices)


def test_nobody_takes_what_they_are_allergic_to() -> None:
    for person in PEOPLE:
        for allergy in person.allergies or ():
            substance = allergy.split(" (")[0].lower().removesuffix("in")
            assert not any(substance in medicine.lower() for medicine in person.medicines), person.family_name
