"""A snoozed alert comes back by itself when the readings get worse: from the rules to the browser."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from alerts.worker import evaluate_patient
from runtime.clock import utc_now
from store import devices, patients
from store.connection import Connection
from tests.harness.desk import Dashboard
from tests.harness.said import pressure, said
from tests.harness.small_ward import patient
from vitals.ids import AlertId, DeviceId, PatientId
from vitals.patient import Programme

SignIn = Callable[..., Page]
WILMA = PatientId("p-wilma")
CUFF = DeviceId("d-wilma")
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def connection(dashboard: Dashboard) -> Iterator[Connection]:
    """To the ward, with a patient whom no other test touches and their cuff."""
    now = utc_now()
    with dashboard.database() as ours:
        who = replace(patient(WILMA, "Wilma", "Wakes", Programme.HYPERTENSION), record_number="MRN-wilma")
        patients.add(ours, who, enrolled_at=now - timedelta(days=1))
        devices.add(ours, CUFF, gateway_id=None, profile="test", enrolled_at=now)
        yield ours
        ours.execute("UPDATE alerts SET closed_at = now(), outcome = 'acted' WHERE patient_id = %s", [WILMA])
        ours.execute("UPDATE patients SET discharged_at = now() WHERE patient_id = %s", [WILMA])


def measured_twice(connection: Connection, systolic: int, diastolic: int, minutes_ago: float) -> None:
    for after in (0, 5):
        at = utc_now() - (minutes_ago - after) * MINUTE
        said(connection, pressure(systolic, diastolic), at, patient_id=WILMA, device_id=CUFF)
    evaluate_patient(connection, WILMA, utc_now())


def test_a_snooze_ends_when_the_pressure_rises_further(sign_in: SignIn, connection: Connection) -> None:
    measured_twice(connection, 184, 104, 60)
    row = connection.execute("SELECT alert_id FROM alerts WHERE patient_id = %s", [WILMA]).fetchone()
    assert row is not None, "two pressures over the limit raised nothing"
    alert_id = AlertId(row[0])
    page = sign_in(path=f"/app/alerts/{alert_id}")
    listed = page.locator(f'[data-alert="{alert_id}"]')
    expect(listed).to_be_visible()
    page.locator("#action-snooze").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why?").fill("Change of medicine is working in")
    dialog.get_by_role("button", name="Snooze").click()
    expect(page.locator("#alert-banner")).to_contain_text("Snoozed until")
    expect(listed).to_have_count(0)

    measured_twice(connection, 186, 105, 40)  # hardly more: it stays put off
    expect(page.locator("#alert-banner")).to_contain_text("Snoozed until")
    measured_twice(connection, 216, 122, 20)
    expect(page.locator("#alert-banner")).not_to_contain_text("Snoozed until")
    expect(page.locator(".history")).to_contain_text("ended the snooze")
    expect(page.locator(".history")).to_contain_text("It grew worse.")
    news = page.get_by_role("button", name="1 new alert – show")
    expect(listed.or_(news).first).to_be_visible()
    if news.is_visible():
        news.click()
    expect(listed).to_be_visible()
