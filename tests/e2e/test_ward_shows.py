"""A whole ward, as a newcomer sees it: readings arrive, alerts appear, and nothing is lost on the way."""

import re
import shlex
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from tests.harness.waiting import wait_until
from tests.harness.ward import RunningWard

Database = psycopg.Connection[dict[str, object]]

STEADY_OXIMETER, STEADY_PATIENT = "d-b06c5e98", "p-m61xqa"
DETERIORATES = "p-3fkd82"


@pytest.fixture
def database(ward: RunningWard) -> Iterator[Database]:
    with psycopg.connect(ward.database_url, row_factory=dict_row, autocommit=True) as connection:
        yield connection


@pytest.fixture
def nurse(ward: RunningWard) -> Iterator[httpx.Client]:
    """Somebody who signed in with what the terminal said."""
    with httpx.Client(base_url=ward.url, trust_env=False, follow_redirects=True) as client:
        page = client.post("/sign-in", data={"email": ward.email, "password": ward.password})
        assert page.status_code == 200
        assert "/sign-in" not in str(page.url)
        yield client


def test_the_ward_is_worth_looking_at_from_the_start(ward: RunningWard, nurse: httpx.Client) -> None:
    listed = nurse.get("/api/alerts").raise_for_status().text
    assert {"high", "medium", "low"} <= set(re.findall(r'"priority":"(\w+)"', listed))


def test_nobody_sees_it_without_signing_in(ward: RunningWard) -> None:
    assert httpx.get(f"{ward.url}/api/alerts", trust_env=False).status_code == 401


def test_one_reading_is_followed_by_its_id_from_the_device_to_the_database(
    ward: RunningWard, database: Database
) -> None:
    reading_id = ward.measure(STEADY_OXIMETER, "spo2=95", "heart_rate=72")
    row = wait_until(
        lambda: database.execute(
            "SELECT patient_id, gateway_id FROM readings WHERE reading_id = %s", [reading_id]
        ).fetchone(),
        deadline_s=15,
        what="the reading is stored",
    )
    assert row["patient_id"] == STEADY_PATIENT
    observed = database.execute(
        "SELECT measure, value FROM observations WHERE reading_id = %s", [reading_id]
    ).fetchall()
    assert {said["measure"]: said["value"] for said in observed} == {"spo2": 95.0, "heart_rate": 72.0}
    gateway = str(row["gateway_id"])
    for name in ("simulate", gateway, "ingest"):
        assert reading_id in ward.log_of(name), f"{name} says what became of it"


@pytest.mark.timeout(240)
def test_the_scripted_deterioration_raises_an_alert_by_itself(
    ward: RunningWard, nurse: httpx.Client, database: Database
) -> None:
    """Within three minutes of the address appearing, on the API that the page reads."""

    def raised() -> bool:
        alerts = nurse.get("/api/alerts", params={"priority": "high"}).raise_for_status().text
        return DETERIORATES in alerts

    left_s = ward.started_at_s + 180 - time.monotonic()
    wait_until(raised, deadline_s=left_s, what="the alert of the one who deteriorates")
    event = database.execute(
        """
        SELECT data->'breach'->'reading_ids' AS reading_ids
        FROM alert_events JOIN alerts USING (alert_id)
        WHERE patient_id = %s AND alert_events.kind = 'raised' AND priority = 'high'
        ORDER BY event_id DESC LIMIT 1
        """,
        [DETERIORATES],
    ).fetchone()
    assert event is not None
    reading_ids = event["reading_ids"]
    assert isinstance(reading_ids, list)
    assert len(reading_ids) == 2
    for reading_id in reading_ids:
        assert reading_id in ward.log_of("simulate"), "its way back to the device"


def test_after_all_the_kills_no_reading_that_a_gateway_had_stored_is_missing(
    ward: RunningWard, database: Database
) -> None:
    """The numbers of each outbox are all there, up to the newest that its gateway stored."""
    for gateway in ward.gateways:
        numbers = re.findall(r"reading stored .*epoch=(\w+) .*seq=(\d+)", ward.log_of(gateway))
        assert numbers, ward.log_of(gateway)[-3000:]
        for epoch, number in numbers:
            wait_until(
                lambda epoch=epoch, number=number: database.execute(
                    """
                    SELECT 1 FROM outbox_receipts
                    WHERE outbox_epoch = %s AND arrived @> %s::bigint
                    """,
                    [epoch, int(number)],
                ).fetchone(),
                what=f"reading {number} of {gateway} at the hub",
            )


def test_the_settings_that_it_leaves_let_a_person_s_own_commands_work(ward: RunningWard) -> None:
    lines = (ward.home / "environment").read_text().splitlines()
    environment = dict(shlex.split(line)[1].split("=", 1) for line in lines)
    command = ward.command("migrate", environment=environment)
    assert command.process.wait(timeout=30) == 0
    assert "up to date" in command.log
