"""A patient's way to their page: codes that are really mailed, links that say nothing, guesses that end."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from dashboard.code_post import CODE_LASTS
from runtime.clock import utc_now
from store import asks, patient_contacts, portal
from tests.harness.database import Server
from tests.harness.desk import DOROTHY, QUIET, Dashboard, running_dashboard
from tests.harness.receivers import MailServer, mail_server
from tests.harness.waiting import stays_so, wait_until
from vitals.ask import AskKind, Audience, Wanted
from vitals.measure import Measure

# apprise's mail loads a module of the standard library that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

QUIETS_MAIL = "quentin@example.org"


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def mailing(
    database_server: Server, mail: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    """A dashboard that has a mail channel; Quentin's record holds a mail address."""
    channels = tmp_path_factory.mktemp("secrets") / "channels.toml"
    url = f"mailto://127.0.0.1:{mail.port}?from=hub@ward.example&name=Hearthward&to={{address}}"
    channels.write_text(f'[mail]\nkind = "apprise"\nurl = "{url}"\n')
    with (
        database_server.fresh() as database_url,
        running_dashboard(database_url, notify_channels_file=Path(channels)) as running,
    ):
        with running.database() as connection:
            connection.execute("UPDATE patients SET email = %s WHERE patient_id = %s", (QUIETS_MAIL, QUIET))
        yield running


@pytest.fixture(autouse=True)
def fresh(mailing: Dashboard, mail: MailServer) -> None:
    mail.mails.clear()
    mail.recipients.clear()
    with mailing.database() as connection:
        connection.execute("DELETE FROM patient_codes")


@pytest.fixture
def phone(mailing: Dashboard) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mailing.url) as client:
        yield client


def text_of(mail: MailServer, number: int = 0) -> str:
    message = mail.parsed(number)
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return f"{message['Subject']}\n" + "".join(part.decode() for part in parts if isinstance(part, bytes))


def mailed_code(mail: MailServer) -> str:
    wait_until(lambda: len(mail.mails) == 1, what="the code is mailed")
    found = re.search(r"\b\d{6}\b", text_of(mail))
    assert found is not None
    return found[0]


def test_a_code_is_mailed_and_opens_the_page_once(phone: httpx.Client, mail: MailServer) -> None:
    who = f"MRN-{QUIET}"
    assert phone.post("/me/code", data={"who": who}).status_code == 200
    code = mailed_code(mail)
    assert mail.recipients == [QUIETS_MAIL]
    assert phone.post("/me/sign-in", data={"who": who, "code": code}).headers["location"] == "/me"
    assert "Hello Quentin" in phone.get("/me").text
    again = httpx.post(f"{phone.base_url}/me/sign-in", data={"who": who, "code": code})
    assert again.status_code == 422


def test_the_mail_says_nothing_but_the_code(
    phone: httpx.Client, mail: MailServer, mailing: Dashboard
) -> None:
    phone.post("/me/code", data={"who": f"MRN-{QUIET}"})
    mailed_code(mail)
    said = text_of(mail) + mail.mails[0].decode().replace(QUIETS_MAIL, "")
    [names] = mailing.rows(
        "SELECT given_name, family_name, record_number, patient_id FROM patients WHERE patient_id = %s", QUIET
    )
    assert [word for word in names if str(word) in said] == []
    assert "Your code is" in said
    assert "15 minutes" in said


def test_a_patient_is_written_to_in_their_language_by_the_way_that_they_chose(
    phone: httpx.Client, mail: MailServer, mailing: Dashboard
) -> None:
    with mailing.database() as connection:
        connection.execute("UPDATE patients SET language = 'es' WHERE patient_id = %s", (DOROTHY,))
        patient_contacts.add(connection, DOROTHY, Audience.PATIENT, "mail", "dorotea@example.org")
    phone.post("/me/code", data={"who": f"MRN-{DOROTHY}"})
    mailed_code(mail)
    assert mail.recipients == ["dorotea@example.org"]
    assert "Su código es" in text_of(mail)


def test_whoever_asks_learns_nothing_of_whether_we_know_them(phone: httpx.Client, mail: MailServer) -> None:
    known = phone.post("/me/code", data={"who": f"MRN-{QUIET}"})
    unknown = phone.post("/me/code", data={"who": "MRN-nobody"})
    assert known.status_code == unknown.status_code
    assert known.text.replace(f"MRN-{QUIET}", "") == unknown.text.replace("MRN-nobody", "")
    mailed_code(mail)


def test_a_second_code_within_half_a_minute_is_not_sent_nor_a_sixth_within_the_hour(
    phone: httpx.Client, mail: MailServer, mailing: Dashboard
) -> None:
    for _ in range(2):
        phone.post("/me/code", data={"who": f"MRN-{QUIET}"})
    mailed_code(mail)
    stays_so(lambda: len(mail.mails) == 1, for_s=1)
    now = utc_now() + timedelta(hours=2)
    with mailing.database() as connection:
        made = [
            portal.new_code(connection, QUIET, now + timedelta(minutes=minute), lasts=CODE_LASTS)
            for minute in range(7)
        ]
        assert [code is not None for code in made] == [True] * 5 + [False] * 2
        by_staff = portal.new_code(
            connection, QUIET, now + timedelta(minutes=8), lasts=CODE_LASTS, by_staff=True
        )
        assert by_staff is not None
        later = now + timedelta(hours=1, minutes=9)
        assert portal.new_code(connection, QUIET, later, lasts=CODE_LASTS) is not None


def test_guessing_ends_whatever_way_the_number_is_written(phone: httpx.Client, mailing: Dashboard) -> None:
    with mailing.sign_in() as nurse:
        code = nurse.post(f"/api/patients/{DOROTHY}/sign-in-code").json()["code"]
        link = nurse.post(f"/api/patients/{DOROTHY}/sign-in-code").json()["link"].removeprefix("/me/to/")
    wrong = "000000" if code != "000000" else "111111"
    spellings = [f"MRN-{DOROTHY}", f" MRN-{DOROTHY}", f"MRN-{DOROTHY}  ", link, f"{link} "]
    for who in spellings:
        assert phone.post("/me/sign-in", data={"who": who, "code": wrong}).status_code == 422
    answer = phone.post("/me/sign-in", data={"who": f"MRN-{DOROTHY} ", "code": wrong})
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.text


def test_an_old_code_is_worth_nothing(mailing: Dashboard) -> None:
    now = utc_now()
    with mailing.database() as connection:
        code = portal.new_code(connection, QUIET, now, lasts=CODE_LASTS)
        assert code is not None
        assert not portal.try_code(connection, QUIET, code, now + CODE_LASTS)
        assert portal.try_code(connection, QUIET, code, now + CODE_LASTS - timedelta(seconds=1))


def test_a_personal_link_says_nothing_and_opens_nothing_by_itself(
    phone: httpx.Client, mailing: Dashboard
) -> None:
    with mailing.sign_in() as nurse:
        made = nurse.post(f"/api/patients/{QUIET}/sign-in-code").json()
        assert nurse.post(f"/api/patients/{QUIET}/sign-in-code").json()["link"] == made["link"]
    page = phone.get(made["link"])
    [names] = mailing.rows(
        "SELECT given_name, family_name, record_number, patient_id FROM patients WHERE patient_id = %s", QUIET
    )
    assert [word for word in names if str(word) in made["link"] + page.text] == []
    unknown = phone.get("/me/to/aaaaaaaaaaaaaaaa")
    link = made["link"].removeprefix("/me/to/")
    assert unknown.text.replace("aaaaaaaaaaaaaaaa", "") == page.text.replace(link, "")
    assert page.headers["referrer-policy"] == "same-origin"


def test_a_session_that_has_ended_is_told_with_what_to_do(phone: httpx.Client) -> None:
    assert phone.get("/me").headers["location"] == "/me/sign-in"
    phone.cookies.set("hearthward_me", "long-gone")
    ended = phone.get("/me").headers["location"]
    assert "You were signed out, to keep your page safe." in phone.get(ended).text
    lost = phone.post("/me/add/weight", data={"weight": "81"}).headers["location"]
    assert "we could not save this" in phone.get(lost).text
    assert "You are signed out." in phone.get(phone.post("/me/sign-out").headers["location"]).text


def test_an_answer_counts_only_from_our_own_page_and_for_the_patients_own_ask(
    phone: httpx.Client, mailing: Dashboard
) -> None:
    now = utc_now()
    reading_id = str(
        mailing.rows("SELECT reading_id FROM observations WHERE patient_id = %s LIMIT 1", DOROTHY)[0][0]
    )
    wanted = Wanted(
        kind=AskKind.IS_THIS_YOU,
        subject=reading_id,
        because="other_person",
        since=now,
        expires_at=now + timedelta(hours=1),
        measures=(Measure.WEIGHT,),
        value=91.0,
        usual=80.0,
    )
    with mailing.database() as connection:
        assert asks.add(connection, DOROTHY, wanted, now)
        [ask] = asks.open_of(connection, DOROTHY, now)
    with mailing.sign_in() as nurse:
        code = nurse.post(f"/api/patients/{QUIET}/sign-in-code").json()["code"]
    phone.post("/me/sign-in", data={"who": f"MRN-{QUIET}", "code": code})
    path = f"/me/answer/{ask.ask_id}"
    assert phone.post(path, data={"answer": "no"}).status_code == 403
    found = re.search(r'name="token" value="(\w+)"', phone.get("/me").text)
    assert found is not None
    answer = phone.post(path, data={"answer": "no", "token": found[1]})
    assert answer.headers["location"] == "/me?said=closed"
    elsewhere = {"sec-fetch-site": "cross-site"}
    refused = phone.post(path, data={"answer": "no", "token": found[1]}, headers=elsewhere)
    assert refused.status_code == 403
    assert mailing.rows("SELECT answer FROM asks WHERE ask_id = %s", ask.ask_id) == [(None,)]


@pytest.mark.parametrize(
    ("asked", "browser", "words"),
    [
        ("", "es-MX,es;q=0.9,en;q=0.8", "Envíenme un código"),
        ("", "pl", "Send me a code"),
        ("en", "es", "Send me a code"),
        ("es", "en-GB,en;q=0.9", "Envíenme un código"),
    ],
)
def test_the_sign_in_speaks_the_browsers_language_or_the_chosen_one(
    phone: httpx.Client, asked: str, browser: str, words: str
) -> None:
    page = phone.get("/me/sign-in", params={"lang": asked}, headers={"accept-language": browser})
    assert words in page.text
    assert f'<html lang="{"es" if words.startswith("Env") else "en"}">' in page.text
