"""Planning a pause over the API and the command: what it silences, what it does not, who did what."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from typer.testing import CliRunner

from alerts.book.rulebook import shipped
from alerts.gather import gather
from alerts.rules.evaluate import assess
from hub.cli import app
from runtime.clock import utc_now
from store.connection import connect
from tests.harness.desk import QUIET, SARA, STRANGER, TOM, Dashboard

DAY = timedelta(days=1)
_PATH = f"/api/patients/{QUIET}/pauses"


def day(ahead: int) -> str:
    return (utc_now().astimezone(ZoneInfo("Europe/London")).date() + ahead * DAY).isoformat()


@pytest.fixture(autouse=True)
def no_pause_left(dashboard: Dashboard) -> Iterator[None]:
    """Whatever a test planned is over before the next."""
    yield
    with dashboard.database() as connection:
        connection.execute("UPDATE pauses SET ends_at = starts_at WHERE patient_id = %s", (QUIET,))


def only(sara: httpx.Client) -> dict[str, object]:
    """The newest pause as the API lists it."""
    return max(sara.get(_PATH).json()["pauses"], key=lambda one: one["id"])


def plan(sara: httpx.Client, **fields: object) -> httpx.Response:
    wanted = {"kind": "hospital", "first_day": day(0), "last_day": day(3)} | fields
    return sara.post(_PATH, json=wanted)


def test_a_pause_is_planned_ended_resumed_and_taken_back_with_who_did_so(
    dashboard: Dashboard, sara: httpx.Client
) -> None:
    done = plan(sara, reason="St Mary's")
    assert done.status_code == 200, done.text
    planned = only(sara)
    assert planned["why"] == "In hospital (St Mary's)"
    assert (planned["state"], planned["can"]) == ("current", ["ended", "taken_back"])
    assert str(planned["set"]).startswith("Set by Sara Lind")
    change = f"{_PATH}/{planned['id']}"
    with dashboard.sign_in(TOM) as tom:
        assert tom.post(f"{change}/ended", json={"reason": "Home again"}).status_code == 200
    ended = only(sara)
    assert (ended["state"], ended["can"]) == ("past", ["resumed"])
    assert str(ended["done"]).startswith("Ended by Tom Becker")
    assert str(ended["done"]).endswith(": Home again")
    again = sara.post(f"{change}/ended", json={})
    assert (again.status_code, again.json()["error"]) == (
        422,
        "Somebody changed this pause already. Look again, then act.",
    )
    assert sara.post(f"{change}/resumed", json={}).status_code == 200
    assert sara.post(f"{change}/taken_back", json={}).status_code == 200
    assert only(sara)["state"] == "taken_back"
    assert dashboard.rows(
        "SELECT what, author FROM pause_events WHERE pause_id = %s ORDER BY event_id", planned["id"]
    ) == [("ended", TOM.staff_id), ("resumed", SARA.staff_id), ("taken_back", SARA.staff_id)]


def test_a_second_pause_in_the_same_time_and_one_without_words_are_refused(sara: httpx.Client) -> None:
    assert plan(sara, first_day=day(2), last_day=day(5)).status_code == 200
    overlapping = plan(sara, first_day=day(5), last_day=day(9))
    assert (overlapping.status_code, overlapping.json()["error"]) == (
        422,
        "The patient has another pause in this time. End that one first.",
    )
    assert plan(sara, first_day=day(6), last_day=day(9), kind="other").status_code == 422
    assert plan(sara, first_day=day(6), last_day=day(9), kind="holiday").status_code == 200


def test_another_wards_patient_cannot_be_paused(dashboard: Dashboard) -> None:
    with dashboard.sign_in(STRANGER) as stranger:
        assert plan(stranger).status_code == 404
        assert stranger.get(_PATH).status_code == 404


def test_a_pause_silences_missing_readings(dashboard: Dashboard, sara: httpx.Client) -> None:
    """Seven silent days from now on are told without a pause, and not told with one."""

    def raised() -> set[str]:
        now = utc_now() + 7 * DAY
        with connect(dashboard.database_url, application="test") as connection:
            (gathered,) = gather(connection, shipped(), [QUIET], now).values()
        return {breach.rule for breach in assess(gathered.view.rules.rules, gathered.view, now).breaches}

    assert "no_data" in raised()
    assert plan(sara, last_day=day(8)).status_code == 200
    assert "no_data" not in raised()


def test_the_command_plans_lists_and_ends_a_pause(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTHWARD_DATABASE_URL", dashboard.database_url)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["pause", *words])
        return done.exit_code, done.output + str(done.exception or "")

    code, said = run(
        "add", QUIET, "--kind", "holiday", "--first", day(1), "--review", day(9), "--by", SARA.staff_id
    )
    assert code == 0, said
    number = said.split()[-1]
    assert number.isdigit()
    code, said = run("list", QUIET)
    assert code == 0
    assert day(9) in next(line for line in said.splitlines() if line.startswith(number))
    code, said = run("add", QUIET, "--first", day(3), "--last", day(2), "--by", "s-nobody")
    assert code == 1
    assert "There is no member of staff s-nobody" in said
    code, said = run("end", QUIET, number, "--by", SARA.staff_id, "--take-back")
    assert (code, said.strip()) == (0, f"pause {number}: taken back")
