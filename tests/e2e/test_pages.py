"""The pages beside the alerts, in a real browser."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from alerts import hidden
from alerts.gather import gather
from runtime.clock import utc_now
from store import corrections, devices, gateways, limits, quarantine, weekly
from store.connection import Connection
from store.corrections import SYSTEM, Correction
from store.limits import CalibrationRow
from store.quarantine import Refused, Scope
from store.weekly import LineRow
from tests.harness.desk import DOROTHY, LONG, LONG_NAME, QUIET, SCRIPT, Dashboard
from tests.harness.painting import painted
from tests.harness.piloted import piloted
from tests.harness.small_ward import WARD, assign
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing

SignIn = Callable[..., Page]


def visit(page: Page, name: str, heading: str) -> None:
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=re.compile(f"^{heading}"))).to_be_visible()


def test_a_patient_is_found_and_their_readings_shown_without_an_alert(sign_in: SignIn) -> None:
    page = sign_in()
    visit(page, "Patients", "Patients")
    expect(page.get_by_role("row")).to_have_count(6)
    page.get_by_label("Find a patient by name or record number").fill("mrn-p-quiet")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("Find a patient by name or record number").fill("QUIET quén")
    expect(page.get_by_role("link", name="Quentin Quiet")).to_be_visible()
    page.get_by_label("Find a patient by name or record number").fill("")
    page.get_by_label("Sorted by").select_option("Name, Z to A")
    expect(page.locator(".name-link").first).to_have_text("Kwame Roberts")
    page.get_by_label("Sorted by").select_option("Record number")
    expect(page.locator(".name-link").first).to_have_text("Dorothy Rahman")
    page.get_by_role("link", name="Quentin Quiet").click()
    expect(page.get_by_role("heading", level=1, name="Quentin Quiet")).to_be_visible()
    expect(page.locator(".chart-card").first).to_be_visible()
    expect(page.locator(".worklist")).to_be_hidden()


def test_a_message_to_the_patient_shows_in_their_history(sign_in: SignIn) -> None:
    page = sign_in(path=f"/app/patients/{LONG}", row=False)
    page.get_by_role("button", name="Message").click()
    expect(page.get_by_role("dialog")).to_contain_text(LONG_NAME)
    page.get_by_role("textbox", name="Message").fill("Please measure again tonight.")
    page.get_by_role("button", name="Send message").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator(".history")).to_contain_text("Please measure again tonight.")


def test_a_pause_is_set_by_a_key_taken_back_shown_on_banner_and_table_and_ended(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    page = sign_in(path=f"/app/patients/{SCRIPT}", row=False)
    expect(page.locator("#action-pause")).to_be_visible()
    page.keyboard.press("p")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("A reading that comes in still counts, and still raises alerts.")
    dialog.get_by_label("In hospital").check()
    expect(dialog.get_by_label("First day")).not_to_have_value("")
    dialog.get_by_label("Last day, which belongs").fill("2020-01-01")
    dialog.get_by_label("Last day, which belongs").evaluate("input => input.removeAttribute('min')")
    dialog.get_by_role("button", name="Set the pause").click()
    expect(dialog.get_by_role("alert")).to_have_text("The last day lies before the first.")
    dialog.get_by_label("Open-ended").check()
    dialog.get_by_label("Day of the review").fill((utc_now().date() + timedelta(days=9)).isoformat())
    dialog.get_by_role("button", name="Set the pause").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".banner-pause")).to_contain_text(
        re.compile("Paused, to be reviewed on .*: in hospital")
    )
    expect(page.locator(".history")).to_contain_text("Sara Lind planned a pause")
    page.locator("#notices").get_by_role("button", name="Undo").click()
    expect(page.locator(".banner-pause")).to_have_count(0)
    expect(page.locator(".history")).to_contain_text("Sara Lind took back a pause")
    with dashboard.sign_in() as sara:
        (pause,) = sara.get(f"/api/patients/{SCRIPT}/pauses").json()["pauses"]
        sara.post(f"/api/patients/{SCRIPT}/pauses/{pause['id']}/resumed", json={}).raise_for_status()
    visit(page, "Patients", "Patients")
    expect(page.get_by_role("row", name=re.compile("O'Neill"))).to_contain_text("Paused, to be reviewed on")
    page.get_by_role("link", name=re.compile("O'Neill")).click()
    page.locator("#action-pause").click()
    expect(dialog.locator(".pauses")).to_contain_text("Set by Sara Lind")
    dialog.get_by_role("button", name=re.compile("^End now")).click()
    expect(dialog.locator(".pauses")).to_contain_text("Ended by Sara Lind")
    expect(dialog.get_by_role("button", name=re.compile("^Undo: In hospital"))).to_be_visible()
    expect(page.locator(".banner-pause")).to_have_count(0)


def test_a_limit_is_changed_and_an_unsafe_one_refused_without_losing_the_words(sign_in: SignIn) -> None:
    page = sign_in(path=f"/app/patients/{LONG}", row=False)
    expect(page.get_by_role("button", name="Limit")).to_be_visible()
    page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Which limit?").select_option("spo2_low")
    expect(dialog).to_contain_text("from the programme")
    dialog.get_by_label("New value").fill("91")
    dialog.get_by_label("For how long?").select_option("")
    dialog.get_by_label("Why?").fill("Usual value is 92")
    dialog.get_by_role("button", name="Set limit").click()
    expect(dialog.get_by_role("alert")).to_contain_text("clinician")
    expect(dialog.get_by_label("Why?")).to_have_value("Usual value is 92")
    dialog.get_by_label("For how long?").select_option("7")
    dialog.get_by_role("button", name="Set limit").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".known")).to_contain_text("91 % or less")
    expect(page.locator(".known .wide")).to_contain_text(
        re.compile(r"Oxygen \(SpO2\), low 91 % Sara Lind, until \d\d-\w+ \d\d:\d\d: Usual value is 92")
    )


def test_a_reading_is_excluded_from_the_table_and_drawn_as_such(sign_in: SignIn) -> None:
    page = sign_in(path=f"/app/patients/{LONG}", row=False)
    card = page.locator(".chart-card", has_text="Weight").first
    card.get_by_text("Readings as a table").click()
    card.get_by_role("button", name=re.compile("^Decide about")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why?").fill("Clothes on")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(card.get_by_role("row").nth(1)).to_contain_text("excluded")


def wait_in_quarantine(dashboard: Dashboard, *readings: str) -> None:
    """Hold these readings of Quentin Quiet's back, as a check does; let a message be refused as well."""
    now = utc_now()
    noise = Refused(
        scope=Scope.MESSAGE, body=b"noise", reason="undecodable", detail="It is not JSON.", arrived_at=now
    )
    with dashboard.database() as connection:
        quarantine.add(connection, [noise])
        for reading_id in readings:
            held = Correction(
                reading_id=ReadingId(reading_id), patient_id=QUIET, kind="held", reason="other_person",
                author=SYSTEM, at=now,
            )  # fmt: skip
            assert corrections.set_standing(connection, held, Standing.HELD)


def test_quarantine_is_emptied_by_decisions_each_with_its_reason(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    released, given, excluded = f"{QUIET}-11", f"{QUIET}-12", f"{QUIET}-13"
    wait_in_quarantine(dashboard, released, given, excluded)
    page = sign_in()
    visit(page, "Quarantine", "Quarantine")
    dialog = page.get_by_role("dialog")
    expect(page.locator(".card")).to_have_count(3)
    first = page.locator(".card").first
    expect(first).to_contain_text("Quentin Quiet")
    expect(first).to_contain_text("Perhaps somebody else measured")
    expect(first).to_contain_text(re.compile(r"Blood pressure \d+/\d+ mmHg"))
    expect(first).to_contain_text("Before it: ")
    assert violations(page) == []

    first.get_by_role("button", name="Release").click()
    expect(dialog).to_contain_text("Quentin Quiet")
    dialog.get_by_role("button", name="Release").click()
    expect(dialog).to_be_visible()  # not without a reason
    dialog.get_by_label("Why?").fill("He says it was he")
    dialog.get_by_role("button", name="Release").click()
    expect(page.locator(".card")).to_have_count(2)

    first.get_by_role("button", name="Give to somebody else").click()
    dialog.get_by_label("The patient's record number").fill("nobody's")
    dialog.get_by_label("Why?").fill("His wife measured")
    expect(dialog.locator(".whose")).to_contain_text("No patient of your ward")
    expect(dialog.get_by_role("button", name="Give")).to_be_disabled()
    dialog.get_by_label("The patient's record number").fill(f"MRN-{DOROTHY}")
    expect(dialog.locator(".whose")).to_contain_text("Dorothy Rahman")
    expect(dialog.locator(".whose")).to_contain_text("17-May-1948")
    dialog.get_by_role("button", name="Give").click()
    expect(page.locator(".card")).to_have_count(1)

    first.get_by_role("button", name="Discard").click()
    dialog.get_by_label("Why?").fill("A visitor")
    dialog.get_by_role("button", name="Discard").click()
    expect(page.locator(".card")).to_contain_text("Cannot be read")  # the other half, now that this is empty
    page.get_by_role("button", name="Discard").click()
    dialog.get_by_label("Why?").fill("Line noise")
    dialog.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("Nothing waits here.")).to_be_visible()

    query = "SELECT DISTINCT reading_id, patient_id, standing FROM observations WHERE reading_id = ANY(%s)"
    assert sorted(dashboard.rows(query, [released, given, excluded])) == [
        (released, QUIET, "accepted"), (given, DOROTHY, "accepted"), (excluded, QUIET, "excluded"),
    ]  # fmt: skip
    why = "SELECT reason FROM corrections WHERE author <> 'system' AND reading_id = ANY(%s) ORDER BY at"
    assert dashboard.rows(why, [released, given, excluded]) == [
        ("He says it was he",), ("His wife measured",), ("A visitor",),
    ]  # fmt: skip


def test_a_gateway_is_enrolled_and_shown(sign_in: SignIn, dashboard: Dashboard) -> None:
    with dashboard.database() as connection:
        gateways.add(connection, GatewayId("gw-old"), label="Old flat", enrolled_at=utc_now())
    page = sign_in()
    visit(page, "Devices", "Gateways and devices")
    expect(page.get_by_text("Old flat")).to_be_visible()
    page.get_by_role("button", name="Enrol a gateway").click()
    page.get_by_label("Gateway id").fill("gw-9")
    page.get_by_label("Where it stands").fill("Number 9")
    page.get_by_role("dialog").get_by_role("button", name="Enrol").click()
    expect(page.get_by_role("heading", name=re.compile("Number 9"))).to_be_visible()


@pytest.fixture
def windmill_lane(dashboard: Dashboard) -> Iterator[None]:
    """A home with a scale of Quentin Quiet's, which no other test of this ward meets."""
    with dashboard.database() as connection:
        home, scale = GatewayId("gw-lost"), DeviceId("d-lost")
        gateways.add(connection, home, label="Windmill Lane", enrolled_at=utc_now())
        devices.add(
            connection, scale, gateway_id=home, profile="ble_weight", label="Scale", enrolled_at=utc_now()
        )
        assign(connection, scale, QUIET)
        yield
        connection.execute("DELETE FROM assignment_ends")
        connection.execute("DELETE FROM assignments WHERE device_id = %s", [scale])
        connection.execute("DELETE FROM devices WHERE device_id = %s", [scale])
        connection.execute("DELETE FROM gateways WHERE gateway_id = %s", [home])


@pytest.mark.usefixtures("windmill_lane")
def test_a_home_is_found_and_an_assignment_ended_by_mistake_taken_back(sign_in: SignIn) -> None:
    page = sign_in(path="/app/devices", row=False)
    page.get_by_label("Find a home by its gateway").fill("windmill")
    expect(page.locator(".home")).to_have_count(1)
    page.get_by_label("Find a home by its gateway").fill("quentin")
    expect(page.locator(".home")).to_contain_text("Windmill Lane")
    page.get_by_role("button", name=re.compile(r"\d offline")).click()
    expect(page.locator(".home")).to_contain_text("Windmill Lane")
    page.get_by_role("button", name="Enrol a device", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Model")).to_have_value("")
    expect(dialog.get_by_label("Gateway", exact=True)).to_have_value("")
    dialog.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="End the assignment of Scale to Quentin Quiet").click()
    expect(dialog).to_contain_text("Scale has been Quentin Quiet's since")
    dialog.get_by_role("button", name="End assignment").click()
    expect(page.locator(".home")).to_have_count(0)  # nothing of his is there to be found any more
    page.locator("#notices").get_by_role("button", name="Undo").click()
    expect(page.locator(".home")).to_contain_text("Quentin Quiet")


def test_the_question_mark_shows_the_keys_and_settings_turn_them_off(
    sign_in: SignIn, dashboard: Dashboard
) -> None:
    page = sign_in()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next alert")
    page.get_by_role("button", name="Got it").click()
    page.goto(f"{dashboard.url}/app/settings")
    page.get_by_role("radio", name="Off").check()
    page.goto(f"{dashboard.url}/app/alerts")
    expect(page.locator(".row").first).to_be_visible()
    painted(page).keyboard.press("j")
    expect(page.get_by_text("Choose an alert to begin")).to_be_visible()


def test_every_page_passes_axe(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    page = sign_in()
    for name in (
        "patients",
        f"patients/{QUIET}",
        "quarantine",
        "devices",
        "rules",
        "reports",
        "settings",
        "weekly",
    ):
        page.goto(f"{dashboard.url}/app/{name}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        assert violations(page) == [], name


def _weekly_line(dashboard: Dashboard, rule: str, key: str, values: dict[str, int], week: date) -> None:
    at = datetime(week.year, week.month, week.day, 9, tzinfo=UTC)
    line = LineRow(
        patient_id=QUIET, rule=rule, rule_version=1, problem=rule, measure=None, week=week, days=2,
        first_at=at, evidence_at=at + timedelta(days=1), magnitude=1.2,
        message={"key": key, "values": values},
    )  # fmt: skip
    with dashboard.database() as connection:
        weekly.keep(connection, [line])


def test_the_weekly_list_is_read_marked_and_taken_away_as_a_file(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    monday = date(2026, 3, 2)
    _weekly_line(dashboard, "device_battery", "device_battery", {"value": 12, "limit": 20}, monday)
    _weekly_line(dashboard, "device_pairing", "device_pairing", {}, monday)
    page = sign_in()
    visit(page, "Weekly list", "Weekly list")
    line = page.locator(".weekly-line", has_text="battery")
    expect(line).to_contain_text("12")
    assert violations(page) == []
    line.get_by_role("button", name="Discussed").click()
    expect(line).to_contain_text("Discussed: Sara Lind")
    page.get_by_role("button", name="Not looked at").click()
    expect(page.locator(".weekly-line")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Lines as CSV").click()
    text = download.value.path().read_text()
    assert "device_battery" in text
    assert "discussed,s-sara" in text
    assert "Quentin" not in text


def test_a_pilot_and_a_moved_threshold_show_on_the_page_of_the_rules(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    moved = CalibrationRow(
        ward_id=WARD, limit_name="systolic_rise", rule="bp_high_3d", base=16, was=16, value=17.6,
        budget=0.14, found=0.31, patient_months=120, at=utc_now(),
    )  # fmt: skip
    with dashboard.database() as connection:
        limits.calibrate(connection, moved)
        for minutes in (30, 18):
            _pressure(connection, 174, 88, utc_now() - timedelta(minutes=minutes))
        book = piloted(tmp_path / "programmes")  # what the dashboard reads, too
        looked_at = gather(connection, book, [QUIET], utc_now())
        hidden.beside(connection, looked_at, {QUIET: utc_now()}, utc_now())
    page = sign_in()
    visit(page, "Rules", "Rules and limits")
    row = page.get_by_role("region", name="On trial, hidden").get_by_role("row").nth(1)
    expect(row).to_contain_text("bp crisis 170")
    page.get_by_text("what it would have missed and added").click()
    expect(page.locator(".pilot-found")).to_contain_text("174/88")
    expect(page.get_by_role("region", name="Moved with the alert budget")).to_contain_text("17.6")
    assert violations(page) == []


def _pressure(
    connection: Connection, systolic: float, diastolic: float, at: datetime, patient_id: PatientId = QUIET
) -> None:
    for measure, value in ((Measure.SYSTOLIC, systolic), (Measure.DIASTOLIC, diastolic)):
        connection.execute(
            """INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)
               VALUES (%s, %s, %s, %s, %s, %s)""",
            (patient_id, measure, at, value, f"pilot-{patient_id}-{at:%H%M%S}", at),
        )


def test_a_limit_is_tried_on_the_ward_and_nothing_is_saved(
    sign_in: SignIn, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    with dashboard.database() as connection:
        for minutes in (0, 12):
            at = utc_now() - timedelta(days=3, minutes=20 - minutes)
            _pressure(connection, 168, 88, at, SCRIPT)
        connection.execute("UPDATE observations SET stored_at = received_at WHERE reading_id LIKE 'pilot-%'")
        before = connection.execute("SELECT count(*) FROM limits").fetchone()
    page = sign_in()
    visit(page, "Rules", "Rules and limits")
    page.get_by_label("Which limit?").select_option("systolic_crisis")
    page.get_by_label("New value").fill("300")
    page.get_by_role("button", name="Try on this ward").click()
    expect(page.locator(".tryout [role=alert]")).to_contain_text("between 150 and 200 mmHg")
    page.get_by_label("New value").fill("165")
    page.get_by_role("button", name="Try on this ward").click()
    expect(page.locator(".tryout [role=status]")).to_contain_text("Working")
    expect(page.get_by_role("button", name="Try on this ward")).to_be_disabled()
    found = page.locator(".tryout-found")
    expect(found).to_be_visible(timeout=60_000)
    expect(found).to_contain_text("165 instead of 180")
    expect(found).to_contain_text("168/88")
    expect(found.get_by_role("link", name=re.compile("O.Neill"))).to_be_visible()
    expect(found.locator("pre")).to_contain_text("limits = { systolic_crisis = 165 }")
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    with dashboard.database() as connection:
        assert connection.execute("SELECT count(*) FROM limits").fetchone() == before
