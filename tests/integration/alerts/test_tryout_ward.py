"""`hearthward try` on a real database: what a nurse acted on is told, and nothing is changed."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alerts import actions
from alerts.book.rulebook import shipped
from alerts.history.tryout_ward import Asked, try_own_limit, try_rules
from alerts.worker import evaluate_patient
from dashboard.preview import LOOK_BACK, preview_limit
from runtime.clock import utc_now
from store import alerts as stored
from store import decisions
from store import limits as stored_limits
from store.connection import Connection
from store.decisions import Answer, Says
from tests.harness.piloted import write_book
from tests.harness.processes import ROOT
from tests.harness.said import pressure, said
from tests.harness.small_ward import ANNA, BERT, WARD
from vitals.alert import Outcome
from vitals.ids import AlertId, StaffId

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

Try = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def hearthward_try(database_url: str) -> Try:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "hub", "try", *arguments],
            cwd=ROOT,
            env={"HEARTHWARD_DATABASE_URL": database_url, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    return run


@pytest.fixture
def acted(connection: Connection) -> AlertId:
    """Anna had a crisis ten days ago that somebody acted on; Bert's pressure was 172 once."""
    at = utc_now() - 10 * DAY
    for minutes in (0, 12):
        said(connection, pressure(186, 88), at + minutes * MINUTE)
        said(connection, pressure(172, 88), at + minutes * MINUTE, patient_id=BERT)
    _stored_as_received(connection)
    evaluate_patient(connection, ANNA, at + 13 * MINUTE, shipped())
    [alert] = [one for one in stored.of_patient(connection, ANNA) if one.problem == "pressure_high"]
    closing = at + timedelta(hours=2)
    actions.close(
        connection, alert.alert_id, rev=alert.rev, actor=StaffId("n"), now=closing, outcome=Outcome.ACTED
    )
    return alert.alert_id


def _stored_as_received(connection: Connection) -> None:
    """As if the hub had run then: what is stored days after it was measured raises nothing."""
    connection.execute("UPDATE observations SET stored_at = received_at")


def contents(connection: Connection) -> list[tuple[str, int]]:
    tables = ("alerts", "alert_events", "limits", "calibrations", "evaluations_planned", "observations")
    counted: list[tuple[str, int]] = []
    for table in tables:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert row is not None
        counted.append((table, row[0]))
    return counted


def test_a_lost_alert_that_was_acted_on_is_marked_and_nothing_is_written(
    connection: Connection, acted: AlertId, hearthward_try: Try
) -> None:
    before = contents(connection)
    said_it = hearthward_try("--limit", "systolic_crisis=195", "--weeks", "4")
    assert said_it.returncode == 0, said_it.stderr
    [loud] = [line for line in said_it.stdout.splitlines() if line.startswith("  !! ")]
    assert f"patient {ANNA}" in loud
    assert loud.endswith(f"[alert {acted}: acted]")
    assert "Known events (real alerts that were acted on) lost: 1" in said_it.stdout
    assert "2 of 2 patients" in said_it.stderr
    assert "systolic_crisis: everyone 180 -> 195, post_partum keeps 160" in said_it.stderr
    assert contents(connection) == before


def test_json_and_csv_hold_what_is_gained(acted: AlertId, hearthward_try: Try) -> None:
    found = json.loads(hearthward_try("--limit", "systolic_crisis=165", "--json").stdout)
    assert [(one["patient_id"], one["rule"]) for one in found["gained"]] == [(BERT, "bp_crisis")]
    assert found["after"] == found["before"] + 1
    assert found["lost"] == found["events_lost"] == []
    assert (found["real"], found["events"]) == (1, 1)
    rows = list(csv.DictReader(io.StringIO(hearthward_try("--limit", "systolic_crisis=165", "--csv").stdout)))
    assert [(row["what"], row["patient_id"]) for row in rows] == [("gained", BERT)]


def test_one_patient_is_tried_with_a_limit_of_their_own(
    connection: Connection, acted: AlertId, hearthward_try: Try
) -> None:
    stored_limits.add(
        connection, BERT, "systolic_crisis", 190.0, author="dr", reason="known", set_at=utc_now() - DAY
    )
    ward = json.loads(hearthward_try("--limit", "systolic_crisis=165", "--json").stdout)
    assert ward["gained"] == [], "Bert's own limit stands above the programme's"
    own = json.loads(hearthward_try("--limit", "systolic_crisis=165", "--patient", BERT, "--json").stdout)
    assert [one["patient_id"] for one in own["gained"]] == [BERT]
    assert (own["patients"], own["real"]) == (1, 0)


def test_the_preview_of_a_limit_is_the_same_replay_and_does_not_see_what_a_person_holds(
    connection: Connection, acted: AlertId
) -> None:
    now = utc_now()
    for minutes in (0, 12):
        reading_id = said(connection, pressure(190, 90), now - 30 * DAY + minutes * MINUTE)
        by = StaffId("nurse")
        says = Says(reading_id=reading_id, patient_id=ANNA, by=by, reason="whose?", at=now - 29 * DAY)
        assert decisions.hold(connection, says) is Answer.DONE
    _stored_as_received(connection)
    found = preview_limit(connection, ANNA, "systolic_crisis", 195.0, now)
    assert found is not None
    assert (found.now, found.proposed) == (1, 0)
    asked = Asked(ward_id=WARD, since=now - LOOK_BACK, until=now, patient_id=ANNA)
    tried = try_own_limit(connection, shipped(), "systolic_crisis", 195.0, asked)
    assert (found.all_now, found.all_proposed) == (tried.before, tried.after)


def test_another_rulebook_is_tried(acted: AlertId, hearthward_try: Try, tmp_path: Path) -> None:
    directory = write_book(tmp_path / "proposed", extra="")
    file = directory / "everyone.toml"
    old = "[limits.systolic_crisis]\nvalue = 180"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, old.replace("180", "165")), "utf-8")
    found = json.loads(hearthward_try("--programmes", str(directory), "--json").stdout)
    assert [one["patient_id"] for one in found["gained"]] == [BERT]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--limit", "sistolic_crisis=170"], 1, "Did you mean 'systolic_crisis'?"),
        (["--limit", "systolic_crisis=300"], 1, "between 150 and 200 mmHg"),
        (["--limit", "sistolic_crisis=170", "--patient", ANNA], 1, "Did you mean 'systolic_crisis'?"),
        (["--limit", "systolic_crisis=300", "--patient", ANNA], 1, "between 150 and 200 mmHg"),
        (["--limit", "systolic_crisis=170", "--patient", "p-nobody"], 1, "'p-nobody'"),
        (["--limit", "systolic_crisis=170", "--ward", "ward-9"], 1, WARD),
        (["--limit", "systolic_crisis"], 2, "NAME=VALUE"),
        (["--limit", "systolic_crisis=nan"], 2, "NAME=VALUE"),
        ([], 2, "either --limit NAME=VALUE or --programmes DIR"),
        (["--programmes", "/nonexistent"], 1, "is no directory"),
    ],
)
def test_what_cannot_be_tried_is_said_in_a_sentence(
    connection: Connection, hearthward_try: Try, arguments: list[str], code: int, sentence: str
) -> None:
    refused = hearthward_try(*arguments)
    assert refused.returncode == code, refused.stderr
    assert sentence in refused.stderr
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr


def test_a_patient_who_left_is_followed_no_further(connection: Connection) -> None:
    now = utc_now()
    for minutes in (0, 12):
        said(connection, pressure(128, 80), now - 20 * DAY + minutes * MINUTE)
    _stored_as_received(connection)
    asked = Asked(ward_id=WARD, since=now - 28 * DAY, until=now)
    silent = try_rules(connection, shipped(), shipped(), asked)
    assert "no_data" in [one.rule for one in silent.rules], "silence must raise, or the test shows nothing"
    connection.execute(
        "UPDATE patients SET discharged_at = %s WHERE patient_id = ANY(%s)", (now - 19 * DAY, [ANNA, BERT])
    )
    gone = try_rules(connection, shipped(), shipped(), asked)
    assert "no_data" not in [one.rule for one in gone.rules]
