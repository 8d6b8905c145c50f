"""A small ward with staff, and a notifier that can be told by which channels."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from alerts import record
from alerts.notify.settings import NotifySettings
from alerts.notify.worker import Notifier
from alerts.reconcile import Step
from runtime.clock import utc_now
from store import staff
from store.connection import Connection, connect, transaction
from store.staff import Role, Staff
from tests.harness.notified import breach
from tests.harness.small_ward import ANNA, WARD, small_ward
from vitals.alert import TARGET_TIMES, Alert, Priority
from vitals.alert_event import Raised
from vitals.ids import StaffId
from vitals.message import Message

POLICY = """
version = 1
author = "test"
source = "test"
ladder = ["nurse", "on_call", "lead"]
too_old_hours = 24
[priorities.high]
page = true
technical = false
in_quiet_hours = "page"
acknowledge_minutes = 60
repeat_minutes = 60
[priorities.medium]
page = true
technical = false
in_quiet_hours = "hold"
acknowledge_minutes = 60
repeat_minutes = 60
[priorities.low]
page = false
technical = false
in_quiet_hours = "hold"
acknowledge_minutes = 60
repeat_minutes = 60
[nobody_on_rota]
nurse = "nurse"
on_call = "clinician"
lead = "lead"
[attempts]
most = 2
first_wait_seconds = 0.05
longest_wait_seconds = 0.1
"""
KEY = "device_pairing"
NURSE, DOCTOR, LEAD = StaffId("nurse-1"), StaffId("doctor"), StaffId("lead")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A connection of this test's own; the small ward is there, with a nurse, a doctor and a lead."""
    with connect(database_url, application="test") as ours:
        small_ward(ours)
        for person, role, name in (
            (NURSE, Role.NURSE, "Nora Nightingale"),
            (DOCTOR, Role.CLINICIAN, "Dora Doctor"),
            (LEAD, Role.LEAD, "Lea Lead"),
        ):
            member = Staff(
                staff_id=person, ward_id=WARD, name=name, email=f"{person}@ward.example", role=role
            )
            staff.add_staff(ours, member, password_hash="x")
        yield ours


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Callable[..., NotifySettings]:
    """`settings(channels="...", policy=...)`: the notifier's settings with these files."""

    def make(channels: str = "", policy: str = POLICY) -> NotifySettings:
        policy_file, channels_file = tmp_path / "policy.toml", tmp_path / "channels.toml"
        policy_file.write_text(policy)
        channels_file.write_text(channels)
        return NotifySettings(
            database_url=database_url,
            notify_policy_file=policy_file,
            notify_channels_file=channels_file,
            notify_hub_url="https://hub.example",
            notify_tick_seconds=0.05,
        )

    return make


@contextmanager
def running(*settings: NotifySettings) -> Iterator[None]:
    """Notifiers at work on threads of their own."""
    stopping = threading.Event()
    threads = [threading.Thread(target=Notifier(one).run, args=(stopping,)) for one in settings]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def raise_alert(
    connection: Connection, priority: Priority = Priority.HIGH, problem: str = "spo2", *, late: bool = False
) -> Alert:
    """An alert of Anna's, written as the worker writes it."""
    now = utc_now()
    said = replace(breach(priority, late=late, at=now), problem=problem, message=Message(key=KEY))
    raised = Raised(patient_id=ANNA, breach=said, due_at=now + TARGET_TIMES[priority])
    with transaction(connection):
        [change] = record.record(connection, [Step(alert=None, what=raised)], now)
    return change.alert
