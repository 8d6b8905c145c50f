"""A patient types a reading in and takes it back, over HTTP: what each page says, in both languages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from store import patients
from tests.harness.database import Server
from tests.harness.desk import KWAME, QUIET, Dashboard, running_dashboard
from vitals.ids import PatientId

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LARGEST = 60_000


@pytest.fixture(scope="module")
def ward(database_server: Server) -> Iterator[Dashboard]:
    """A ward of its own on a Friday, 13:00 by its patients' clocks in Berlin; Kwame reads Spanish."""
    with database_server.fresh() as url, running_dashboard(url, clock=lambda: NOON) as running:
        with running.database() as connection:
            connection.execute("UPDATE patients SET language = 'es' WHERE patient_id = %s", (KWAME,))
        yield running


@contextmanager
def signed_in(ward: Dashboard, patient_id: PatientId) -> Iterator[httpx.Client]:
    with ward.sign_in() as nurse:
        code = nurse.post(f"/api/patients/{patient_id}/sign-in-code").json()["code"]
    with httpx.Client(base_url=ward.url, follow_redirects=True) as phone:
        phone.post("/me/sign-in", data={"who": f"MRN-{patient_id}", "code": code})
        yield phone


def token_of(page: str) -> str:
    found = re.search(r'name="token" value="(\w+)"', page)
    assert found is not None
    return found[1]


def type_in(phone: httpx.Client, kind: str, **values: str) -> str:
    """The page after it."""
    token = token_of(phone.get(f"/me/add/{kind}").text)
    return phone.post(f"/me/add/{kind}", data={"token": token, **values}).text


def rules_look(ward: Dashboard) -> None:
    """As the alert worker would: nothing waits to be looked at."""
    with ward.database() as connection:
        connection.execute("DELETE FROM evaluations_due")


def test_a_wrong_reading_is_taken_back_from_its_receipt(ward: Dashboard) -> None:
    with signed_in(ward, QUIET) as phone:
        page = type_in(phone, "weight", weight="154")
        assert "Thank you. We have it." in page
        assert "Weight: 154.0 kg" in page
        [path] = set(re.findall(r'action="(/me/take-back/\w+)"', page))
        assert phone.post(path, data={"token": "another page's"}).status_code == 403
        page = phone.post(path, data={"token": token_of(page)}).text
        assert "We do not count it." in page
        assert "You took this back: Weight: 154.0 kg, from 13:00." in page
        assert "/me/take-back/" not in page
        again = phone.post(path, data={"token": token_of(page)}).text
        assert "You cannot take this back any more." in again
    said = "SELECT author, kind, reason FROM corrections WHERE patient_id = %s"
    assert ward.rows(said, QUIET) == [("patient", "excluded", "The patient says: typed in wrongly.")]
    due = "SELECT count(*) FROM evaluations_due WHERE patient_id = %s"
    assert ward.rows(due, QUIET) == [(1,)], "the rules look again"


def test_the_page_says_when_it_was_made_and_never_done_while_the_rules_still_look(ward: Dashboard) -> None:
    with signed_in(ward, KWAME) as phone:
        page = type_in(phone, "weight", weight="80,4 kg")
        assert "Aún estamos mirando lo que envió." in page
        assert "80,4" in page
        rules_look(ward)
        page = phone.get("/me").text
        assert "Hoy ya ha hecho todo." in page
        assert "Esta página es de las 13:00." in page
        assert re.search(r'<a href="/me" class="button quiet">Mirar otra vez</a>', page)
        assert "http-equiv" not in page, "a page that turns by itself loses its reader's place (WCAG F41)"


def test_every_page_says_who_looks_and_how_to_get_help_and_is_small(ward: Dashboard) -> None:
    with signed_in(ward, QUIET) as phone:
        style = len(phone.get("/static/me.css").content) + len(phone.get("/static/favicon.svg").content)
        pages = {
            "sign-in": httpx.get(f"{ward.url}/me/sign-in"),
            "link": httpx.get(f"{ward.url}/me/to/aaaaaaaaaaaaaaaa"),
            "code": httpx.post(f"{ward.url}/me/code", data={"who": "x", "have": "1"}),
            "wrong code": httpx.post(f"{ward.url}/me/sign-in", data={"who": "x", "code": "1"}),
            "no code": httpx.post(f"{ward.url}/me/sign-in", data={"who": "x", "code": ""}),
            "page": phone.get("/me"),
            "add": phone.get("/me/add/blood_pressure"),
            "nothing": phone.get("/me/add/nothing"),
        }
    for name, answer in pages.items():
        assert len(answer.content) + style < LARGEST, name
        assert "We look at your readings Monday to Friday, 08:00 to 18:00." in answer.text, name
        assert 'href="#help"' in answer.text, name
        assert 'id="help"' in answer.text, name
        assert "call the number on its letter" in answer.text, name
    for name in ("page", "add"):
        assert "Ward One" in pages[name].text
        assert "We look today until 19:00." in pages[name].text, name
    for name in ("wrong code", "no code"):
        assert pages[name].status_code == 422
        assert '<a href="#code">' in pages[name].text, name
        assert 'id="code"' in pages[name].text, name


def test_the_whole_way_is_spanish_for_whom_reads_spanish(ward: Dashboard) -> None:
    with signed_in(ward, KWAME) as phone:
        phone.headers["accept-language"] = "en-GB"
        pages = [phone.get("/me"), phone.get("/me/add/weight"), phone.get("/me/add/nothing")]
        token = token_of(pages[0].text)
        pages.append(phone.post("/me/sign-out", data={"token": token}))
        pages.append(phone.post("/me/code", data={"who": "", "lang": ""}))
        pages.append(phone.get("/me/nothing", headers={"accept": "text/html", "accept-language": "es"}))
    for answer in pages:
        assert re.search(r'<html lang="?es"?>', answer.text), answer.url
    assert "Ha salido de su página." in pages[3].text


def test_who_is_no_longer_watched_is_told_so_and_not_sent_for_another_code(ward: Dashboard) -> None:
    with signed_in(ward, QUIET) as phone, ward.database() as connection:
        patients.discharge(connection, QUIET, at=NOON - timedelta(hours=1))
        page = phone.get("/me").text
        connection.execute("UPDATE patients SET discharged_at = NULL WHERE patient_id = %s", (QUIET,))
    assert "We do not look at your readings any more." in page


def test_a_new_code_from_the_nurse_works_though_five_were_wrong(ward: Dashboard) -> None:
    with httpx.Client(base_url=ward.url) as phone, ward.sign_in() as nurse:
        for _ in range(5):
            phone.post("/me/sign-in", data={"who": f"MRN-{KWAME}", "code": "1"})
        blocked = phone.post("/me/sign-in", data={"who": f"MRN-{KWAME}", "code": "1"})
        assert blocked.status_code == 429
        assert "Hubo demasiados" not in blocked.text, "nobody learns whom we know"
        code = nurse.post(f"/api/patients/{KWAME}/sign-in-code").json()["code"]
        spaced = " ".join(code)
        answer = phone.post("/me/sign-in", data={"who": f"MRN-{KWAME}", "code": spaced})
    assert answer.headers["location"] == "/me"
