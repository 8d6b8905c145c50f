"""Who evaluates whom: each worker its own patients, and anybody whoever has waited too long."""

from datetime import UTC, datetime, timedelta

import pytest

from store import alert_work, evaluations, patients
from store.alert_work import OVERDUE, WHOLE, Share
from store.connection import Connection, connect, transaction
from tests.harness.small_ward import patient
from tests.harness.waiting import wait_until
from vitals.ids import PatientId
from vitals.patient import Programme

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SOON = timedelta(milliseconds=100)
EVERYBODY = {PatientId(f"p-{number:03}") for number in range(100)}
HALVES = (Share(number=0, of=2), Share(number=1, of=2))


@pytest.fixture(params=["news", "time"])
def queue(request: pytest.FixtureRequest, connection: Connection) -> str:
    """A hundred patients who wait since NOW: for what is new, or because time went by."""
    with transaction(connection):
        for patient_id in EVERYBODY:
            patients.add(connection, patient(patient_id, "Any", "Body", Programme.COPD), enrolled_at=NOW)
        if request.param == "news":
            evaluations.requeue(connection, [(patient_id, NOW) for patient_id in EVERYBODY], now=NOW)
        else:
            alert_work.plan(connection, dict.fromkeys(EVERYBODY, NOW), now=NOW)
    return str(request.param)


def claimed(connection: Connection, queue: str, now: datetime, share: Share) -> set[PatientId]:
    claim = alert_work.claim_due if queue == "news" else alert_work.claim_planned
    with transaction(connection):
        return {due.patient_id for due in claim(connection, now=now, most=1_000, share=share)} & EVERYBODY


def test_each_patient_is_one_workers_own(connection: Connection, queue: str) -> None:
    first, second = (claimed(connection, queue, NOW + SOON, half) for half in HALVES)
    assert first | second == EVERYBODY
    assert not first & second
    assert 25 < len(first) < 75
    assert claimed(connection, queue, NOW + SOON, WHOLE) == EVERYBODY


def test_who_has_waited_too_long_is_anybodys(connection: Connection, queue: str) -> None:
    for half in HALVES:
        assert claimed(connection, queue, NOW + OVERDUE, half) == EVERYBODY


def test_a_worker_knows_which_of_how_many_it_is(connection: Connection, database_url: str) -> None:
    assert alert_work.share(connection, "alerts") == WHOLE
    with connect(database_url, application="alerts") as one:
        assert alert_work.share(one, "alerts") == WHOLE
        with connect(database_url, application="alerts") as other:
            shares = [alert_work.share(line, "alerts") for line in (one, other)]
            assert sorted(shares, key=lambda share: share.number) == list(HALVES)
            assert alert_work.share(connection, "alerts") == WHOLE, "whoever is no worker takes everybody"
        wait_until(
            lambda: alert_work.share(one, "alerts") == WHOLE,
            deadline_s=20,
            what="the one that is left takes everybody",
        )
