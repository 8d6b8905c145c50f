"""Which advertisement starts a session, and what the end of one means."""

from datetime import UTC, datetime

import pytest

from device_profiles import catalog
from gateway.visits import FAILURES_UNTIL_PAIRING, Ending, Verdict, Visits

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CUFF, SCALE = (profile for profile in catalog.PROFILES if profile.name in {"standard_cuff", "standard_scale"})


def verdict(
    visits: Visits, *, now: datetime = NOW, now_s: float = 0.0, free_places: int = 1, has_room: bool = True
) -> Verdict:
    return visits.verdict(now=now, now_s=now_s, free_places=free_places, has_room=lambda: has_room)


def fail(visits: Visits, times: int, ending: Ending = Ending.UNREACHABLE) -> None:
    for _ in range(times):
        visits.ended(ending, CUFF, said_something=False, now_s=0.0)


def test_an_enrolled_device_is_visited_at_once() -> None:
    assert verdict(Visits()) is Verdict.CONNECT


@pytest.mark.parametrize(
    ("expected", "visits", "changed"),
    [
        (Verdict.IN_SESSION, Visits(in_session=True), {}),
        (Verdict.RESTING, Visits(rest_until_s=1.0), {}),
        (Verdict.ALL_PLACES_TAKEN, Visits(), {"free_places": 0}),
        (Verdict.OUTBOX_FULL, Visits(), {"has_room": False}),
        (Verdict.CLOCK_NOT_SET, Visits(), {"now": datetime(1970, 1, 1, tzinfo=UTC)}),
    ],
)
def test_a_visit_that_must_not_be_has_its_reason(
    expected: Verdict, visits: Visits, changed: dict[str, object]
) -> None:
    assert verdict(visits, **changed) is expected


def test_after_a_session_the_same_advertisement_does_not_start_another() -> None:
    visits = Visits(in_session=True)
    visits.ended(Ending.HUNG_UP, CUFF, said_something=True, now_s=100.0)
    rest_s = CUFF.session_end.reconnect_after.total_seconds()
    assert verdict(visits, now_s=100.0 + rest_s - 0.1) is Verdict.RESTING
    assert verdict(visits, now_s=100.0 + rest_s) is Verdict.CONNECT


def test_a_link_that_was_lost_in_the_middle_is_tried_again_soon() -> None:
    visits = Visits(in_session=True)
    visits.ended(Ending.LINK_LOST, CUFF, said_something=True, now_s=0.0)
    assert verdict(visits, now_s=1.0) is Verdict.CONNECT
    assert visits.failures == 0


def test_failures_rest_ever_longer_and_never_longer_than_a_minute() -> None:
    visits = Visits()
    rests: list[float] = []
    for _ in range(12):
        fail(visits, 1)
        rests.append(visits.rest_until_s)
    assert rests[:4] == [1, 2, 4, 8]
    assert rests[-1] == 60


@pytest.mark.parametrize("ending", [Ending.UNREACHABLE, Ending.PAIRING_FAILED, Ending.LINK_LOST])
def test_a_bonded_device_that_fails_three_times_in_a_row_needs_pairing(ending: Ending) -> None:
    visits = Visits()
    fail(visits, FAILURES_UNTIL_PAIRING - 1, ending)
    assert not visits.needs_pairing
    fail(visits, 1, ending)
    assert visits.needs_pairing
    visits.ended(Ending.HUNG_UP, CUFF, said_something=True, now_s=0.0)
    assert not visits.needs_pairing


def test_a_device_without_a_bond_never_needs_pairing() -> None:
    visits = Visits()
    for _ in range(10):
        visits.ended(Ending.UNREACHABLE, SCALE, said_something=False, now_s=0.0)
    assert not visits.needs_pairing


def test_a_full_disk_is_no_sign_of_a_lost_bond() -> None:
    visits = Visits()
    fail(visits, 10, Ending.NOT_STORED)
    assert not visits.needs_pairing
