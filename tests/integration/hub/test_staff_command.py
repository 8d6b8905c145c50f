"""`hearthward staff` on a real database, and the first sign-in by its link on a real dashboard."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from dashboard.pages.sections import SECTIONS, Visit
from hub.cli import app
from runtime.clock import utc_now
from store import staff_list
from store.staff import Role, Staff
from tests.harness.database import Server
from tests.harness.desk import SARA, Dashboard, running_dashboard
from vitals.ids import StaffId

# apprise's mail loads a module of the standard library that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

PASSWORD = "four words of my own"

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def ward(database_server: Server) -> Iterator[Dashboard]:
    """A dashboard of its own, whose staff these tests change."""
    with database_server.fresh() as url, running_dashboard(url) as running:
        yield running


@pytest.fixture
def run(ward: Dashboard, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("list")`: the exit code, and what it printed or why it refused."""
    monkeypatch.setenv("HEARTHWARD_DATABASE_URL", ward.database_url)
    monkeypatch.setenv("HEARTHWARD_NOTIFY_HUB_URL", ward.url)

    def command(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["staff", *words])
        return done.exit_code, done.output + str(done.exception or "")

    return command


def add(run: Run, name: str, email: str, *more: str) -> tuple[str, str]:
    """The new staff id, and the address of the first sign-in."""
    code, said = run("add", "--name", name, "--email", email, "--ward", "ward-1", *more)
    assert code == 0, said
    link = re.search(r"http://\S+/first-sign-in/\S+", said)
    staff_id = re.search(r"\bs-\w{6}\b", said)
    assert link is not None, said
    assert staff_id is not None, said
    return staff_id[0], link[0]


def choose(link: str, password: str = PASSWORD, again: str = PASSWORD) -> httpx.Response:
    return httpx.post(link, data={"password": password, "again": again})


def signs_in(ward: Dashboard, email: str, password: str = PASSWORD) -> bool:
    answer = httpx.post(f"{ward.url}/sign-in", data={"email": email, "password": password})
    return answer.status_code == 303


def test_who_is_added_chooses_a_password_by_a_link_that_works_once(ward: Dashboard, run: Run) -> None:
    staff_id, link = add(run, "Nina Nowak", "Nina@example.org", "--role", "nurse")
    assert not signs_in(ward, "nina@example.org", "!"), "nobody signs in before a password is chosen"
    assert "Welcome, Nina Nowak" in httpx.get(link).text
    assert "Le damos la bienvenida" in httpx.get(link, params={"language": "es"}).text
    assert "15 to 200 characters" in choose(link, "short", "short").text
    assert "not the same" in choose(link, PASSWORD, PASSWORD + "!").text
    assert choose(link).headers["location"] == "/app/alerts"
    assert signs_in(ward, "nina@example.org")
    assert choose(link, "another password of mine", "another password of mine").status_code == 404
    assert "This link works no more" in httpx.get(link).text
    listed = next(line for line in run("list")[1].splitlines() if staff_id in line)
    assert re.search(r"Nina Nowak +nina@example.org +nurse +en +ward-1 +none +yes", listed)


def test_a_new_link_ends_what_was_and_an_old_one_is_worth_nothing(ward: Dashboard, run: Run) -> None:
    _, first = add(run, "Otto Old", "otto@example.org", "--role", "clinician")
    choose(first)
    code, said = run("change", "otto@example.org", "--new-link")
    assert code == 0, said
    second = said.split()[-1]
    assert signs_in(ward, "otto@example.org"), "the old password works until the link is used"
    assert choose(second, "a password after it", "a password after it").status_code == 303
    assert not signs_in(ward, "otto@example.org")
    later = run("change", "otto@example.org", "--new-link")[1].split()[-1]
    with ward.database() as connection:
        connection.execute("UPDATE staff_invitations SET expires_at = now() - interval '1 second'")
    assert choose(later).status_code == 404


def test_what_is_named_is_changed_and_the_rest_stays(ward: Dashboard, run: Run) -> None:
    staff_id, _ = add(
        run, "Petra Post", "petra@example.org", "--role", "nurse", "--contact", "mail=petra@example.org"
    )
    code, said = run("change", staff_id, "--role", "lead", "--ward", "ward-2", "--ward", "ward-1")
    assert code == 0, said
    assert re.search(r"lead +en +ward-2, ward-1 +mail=petra@example.org", said)
    said = run("change", staff_id, "--language", "es", "--contact", "sms=+4412", "--contact", "mail=p@x.org")[
        1
    ]
    assert re.search(r"Petra Post .* lead +es +ward-2, ward-1 +sms=\+4412, mail=p@x.org", said)
    assert re.search(r"ward-2 +none", run("change", staff_id, "--no-contact", "--ward", "ward-2")[1])


def test_who_is_ended_is_signed_out_at_once_and_may_come_back(ward: Dashboard, run: Run) -> None:
    staff_id, link = add(run, "Rosa Rest", "rosa@example.org", "--role", "nurse")
    token = choose(link).cookies["hearthward_session"]
    with httpx.Client(base_url=ward.url, cookies={"hearthward_session": token}) as rosa:
        assert rosa.get("/api/alerts").status_code == 200
        with ward.database() as connection:
            connection.execute(
                "UPDATE alerts SET owner = %s WHERE patient_id = 'p-dorothy' AND closed_at IS NULL",
                (staff_id,),
            )
        code, said = run("end", "rosa@example.org")
        assert code == 0, said
        assert "1 open alert of theirs: a colleague must take over." in said
        assert rosa.get("/api/alerts").status_code == 401
    assert staff_id not in run("list")[1]
    assert "ended" in run("list", "--ended")[1]
    assert "has ended already" in run("end", "rosa@example.org")[1]
    assert "--new-link brings them back" in run("change", "rosa@example.org", "--role", "lead")[1]
    back = run("change", "rosa@example.org", "--new-link")[1].split()[-1]
    assert not signs_in(ward, "rosa@example.org")
    assert choose(back).status_code == 303


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        ("--email sara@example.org", "sara@example.org is Sara Lind's already (s-sara)"),
        ("--role doctor", "'doctor' is no role: say nurse, lead, clinician, admin."),
        ("--email nobody", "'nobody' is no e-mail address."),
        ("--ward ward-9", "Say which ward with --ward: ward-1"),
        ("--language pl", "no language of the screens"),
        ("--contact x@y.org", "say CHANNEL=ADDRESS"),
    ],
)
def test_a_mistake_is_refused_in_words_and_nothing_is_written(
    ward: Dashboard, run: Run, words: str, refusal: str
) -> None:
    right = {"--email": "x@example.org", "--role": "nurse", "--ward": "ward-1", "--name": "X"}
    option, value = words.split()
    said = run("add", *(word for pair in (right | {option: value}).items() for word in pair))
    assert said[0] == 1
    assert refusal in said[1]
    assert ward.rows("SELECT count(*) FROM staff WHERE email = 'x@example.org'") == [(0,)]


def test_somebody_who_is_not_known_is_named_with_who_was_perhaps_meant(run: Run) -> None:
    assert "Did you mean sara@example.org?" in run("end", "sarah@example.org")[1]


def test_a_contact_is_checked_against_the_channels_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "channels.toml"
    file.write_text('[mail]\nkind = "apprise"\nurl = "mailto://127.0.0.1:9?from=a@b.org&to={address}"\n')
    monkeypatch.setenv("HEARTHWARD_NOTIFY_CHANNELS_FILE", str(file))
    code, said = run("change", SARA.email, "--contact", "mial=sara@example.org")
    assert (code, "no channel 'mial'. Did you mean 'mail'?" in said) == (1, True)
    assert "mail=sara@example.org" in run("change", SARA.email, "--contact", "mail=sara@example.org")[1]


def test_an_administrator_reads_the_staff_of_their_wards_and_no_address(ward: Dashboard, run: Run) -> None:
    add(run, "Ada Admin", "ada@example.org", "--role", "admin", "--contact", "sms=+4499")
    now = utc_now() + timedelta(seconds=1)
    with ward.database() as connection:
        seen = {}
        for role in (Role.ADMIN, Role.NURSE):
            me = Staff(staff_id=StaffId("s-x"), ward_id="ward-1", name="X", email="x@x.org", role=role)
            seen[role] = SECTIONS["settings"](connection, Visit(me=me, now=now, query={}))
        every = {one.email for one in staff_list.listed(connection, now, ward_ids=["ward-1"])}
    assert "staff" not in seen[Role.NURSE]
    rows = {row["email"]: row for row in seen[Role.ADMIN]["staff"]}
    assert set(rows) == every
    assert "far@example.org" not in rows
    assert rows["ada@example.org"]["channels"] == "sms"
    assert rows["ada@example.org"]["state"] == "Has a link for a first sign-in"
