"""A patient on a phone, without any script: the code, what to do, typing a reading in."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from runtime.clock import utc_now
from store import asks
from tests.harness.desk import DOROTHY, KWAME, LONG, QUIET, SCRIPT, Dashboard
from vitals.ask import AskKind, Wanted
from vitals.ids import PatientId
from vitals.measure import Measure


@pytest.fixture
def phone(browser: Browser, dashboard: Dashboard) -> Iterator[Page]:
    """A phone of 320 px on which no script runs."""
    context = browser.new_context(viewport={"width": 320, "height": 700}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def code_from_nurse(dashboard: Dashboard, patient_id: PatientId = QUIET) -> str:
    with dashboard.sign_in() as nurse:
        return str(nurse.post(f"/api/patients/{patient_id}/sign-in-code").json()["code"])


def sign_in(phone: Page, dashboard: Dashboard, patient_id: PatientId = QUIET) -> None:
    code = code_from_nurse(dashboard, patient_id)
    phone.goto(f"{dashboard.url}/me")
    phone.get_by_label("Your record number").fill(f"MRN-{patient_id}")
    phone.get_by_role("button", name="I have a code").click()
    phone.get_by_label("Your code").fill(code)
    phone.get_by_role("button", name="Go to my page").click()
    expect(phone.get_by_text("Hello ")).to_be_visible()


def ask(dashboard: Dashboard, patient_id: PatientId, kind: AskKind, **more: object) -> None:
    """Something that the hub asks of the patient now."""
    now = utc_now()
    facts: dict[str, object] = {"since": now - timedelta(minutes=1), "expires_at": now + timedelta(hours=1)}
    facts |= {"subject": f"s{now.timestamp()}", "because": "test", **more}
    with dashboard.database() as connection:
        connection.execute("DELETE FROM asks WHERE patient_id = %s", (patient_id,))
        asks.add(connection, patient_id, Wanted(kind=kind, **facts), now)  # type: ignore[arg-type]


def reading_of(dashboard: Dashboard, patient_id: PatientId) -> str:
    """The patient's newest reading."""
    query = "SELECT reading_id FROM observations WHERE patient_id = %s ORDER BY measured_at DESC LIMIT 1"
    return str(dashboard.rows(query, patient_id)[0][0])


def test_a_patient_gets_in_with_a_code_and_types_a_reading_in(phone: Page, dashboard: Dashboard) -> None:
    sign_in(phone, dashboard)
    expect(phone.get_by_role("heading", name="What to do next")).to_be_visible()
    expect(phone.get_by_role("link", name="Call 112")).to_be_visible()
    expect(phone.get_by_text("Nobody looks at your readings at night")).to_be_visible()
    phone.goto(f"{dashboard.url}/me/add/blood_pressure")
    phone.get_by_label("Top number").fill("80")
    phone.get_by_label("Bottom number").fill("lots")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("alert")).to_contain_text("Type in your bottom number as a number, like 80.")
    expect(phone.get_by_label("Top number")).to_have_value("80")
    phone.get_by_label("Top number").fill("133")
    phone.get_by_label("Bottom number").fill("82")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_text("Thank you. We have it.")).to_be_visible()
    expect(phone.get_by_text("Blood pressure: 133/82 mmHg")).to_be_visible()
    typed = "SELECT DISTINCT quality FROM observations WHERE patient_id = %s AND quality <> '{}'"
    assert dashboard.rows(typed, QUIET) == [(["manual"],)]
    phone.goto(f"{dashboard.url}/me/add/blood_pressure")
    phone.get_by_label("Top number").fill("133")
    phone.get_by_label("Bottom number").fill("82")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_text("Thank you. We have it.")).to_be_visible()
    kept = "SELECT count(*) FROM readings WHERE patient_id = %s AND profile = 'typed_in'"
    assert dashboard.rows(kept, QUIET) == [(1,)], "a second press is no second reading"
    phone.get_by_role("button", name="This is wrong. Take it back").click()
    expect(phone.get_by_text("We do not count it.")).to_be_visible()
    expect(phone.get_by_text("You took this back: Blood pressure: 133/82 mmHg")).to_be_visible()
    expect(phone.get_by_role("button", name="This is wrong. Take it back")).to_have_count(0)
    phone.get_by_role("link", name="Look again").click()
    expect(phone.get_by_text("This page is from")).to_be_visible()


def test_a_code_works_once_and_a_wrong_one_is_told_kindly(phone: Page, dashboard: Dashboard) -> None:
    code = code_from_nurse(dashboard)
    phone.goto(f"{dashboard.url}/me/sign-in")
    phone.get_by_label("Your record number").fill(f"MRN-{QUIET}")
    phone.get_by_role("button", name="Send me a code").click()
    wrong = "000000" if code != "000000" else "111111"
    phone.get_by_label("Your code").fill(wrong)
    phone.get_by_role("button", name="Go to my page").click()
    expect(phone.get_by_role("alert")).to_contain_text("This code is not right or is too old.")
    phone.get_by_label("Your code").fill(code)
    phone.get_by_role("button", name="Go to my page").click()
    expect(phone).to_have_url(re.compile("/me$"))
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.get_by_text("You are signed out.")).to_be_visible()
    phone.goto(f"{dashboard.url}/me")
    expect(phone.get_by_text("Hello Quentin")).to_have_count(0)


def test_a_patient_is_asked_to_measure_again_and_types_it_in(phone: Page, dashboard: Dashboard) -> None:
    ask(dashboard, QUIET, AskKind.REPEAT, measures=(Measure.SPO2,))
    sign_in(phone, dashboard)
    expect(phone.get_by_text("Please check your oxygen again.")).to_be_visible()
    expect(phone.get_by_text("Warm your hand first.")).to_be_visible()
    expect(phone.get_by_text("Please do it before")).to_be_visible()
    phone.get_by_role("link", name="Add your oxygen").first.click()
    phone.get_by_label("Oxygen").fill("97")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_text("Please check your oxygen again.")).to_have_count(0)


def test_not_me_is_one_press_and_the_reading_stays_out(phone: Page, dashboard: Dashboard) -> None:
    reading_id = reading_of(dashboard, KWAME)
    ask(dashboard, KWAME, AskKind.IS_THIS_YOU, subject=reading_id, value=96.2, usual=80.1)
    sign_in(phone, dashboard, KWAME)
    expect(phone.get_by_role("heading", name="What to do next")).to_be_visible()
    expect(phone.get_by_text("We got a weight of 96.2 kg")).to_be_visible()
    phone.get_by_role("button", name="No, this was not me").click()
    expect(phone.get_by_text("We will not count it.")).to_be_visible()
    expect(phone.get_by_text("Was this you?")).to_have_count(0)
    said = "SELECT author, kind, reason FROM corrections WHERE reading_id = %s"
    assert dashboard.rows(said, reading_id) == [("patient", "excluded", "The patient says: not me.")]


def test_a_check_in_wants_both_answers_and_loses_none(phone: Page, dashboard: Dashboard) -> None:
    ask(dashboard, DOROTHY, AskKind.CHECK_IN, questions=("breathless", "swollen"))
    sign_in(phone, dashboard, DOROTHY)
    phone.get_by_role("group", name="out of breath").get_by_label("Yes").check()
    phone.get_by_role("button", name="Send").click()
    problem = phone.get_by_role("alert")
    expect(problem).to_contain_text("more swollen than usual? Choose yes or no.")
    expect(phone.get_by_role("group", name="out of breath").get_by_label("Yes")).to_be_checked()
    phone.get_by_role("group", name="swollen").get_by_label("No").check()
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("Your nurse will see this.")).to_be_visible()
    given = "SELECT question, yes FROM check_in_answers WHERE patient_id = %s ORDER BY question"
    assert dashboard.rows(given, DOROTHY) == [("breathless", True), ("swollen", False)]


def test_a_message_is_new_once_and_the_nurse_sees_that_it_was_read(phone: Page, dashboard: Dashboard) -> None:
    with dashboard.sign_in() as nurse:
        nurse.post(f"/api/patients/{LONG}/messages", json={"text": "Thank you for weighing yourself."})
    sign_in(phone, dashboard, LONG)
    expect(phone.get_by_text("Thank you for weighing yourself.")).to_be_visible()
    expect(phone.get_by_text("New", exact=True)).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("You read this on")).to_be_visible()
    assert dashboard.rows("SELECT read_at IS NOT NULL FROM messages WHERE patient_id = %s", LONG) == [(True,)]


@pytest.mark.parametrize("width", [320, 390, 1024])
@pytest.mark.parametrize("patient_id", [LONG, SCRIPT])
def test_any_name_fits_and_is_only_text(
    browser: Browser, dashboard: Dashboard, patient_id: PatientId, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    sign_in(page, dashboard, patient_id)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("window.broken === undefined")
    [(given,)] = dashboard.rows("SELECT given_name FROM patients WHERE patient_id = %s", patient_id)
    expect(page.get_by_text(f"Hello {given}")).to_be_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", [AskKind.IS_THIS_YOU, AskKind.CHECK_IN, AskKind.REPEAT])
def test_every_ask_passes_axe_in_light_and_dark(
    browser: Browser,
    dashboard: Dashboard,
    violations: Callable[[Page], list[str]],
    kind: AskKind,
    theme: Literal["light", "dark"],
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=theme)
    page = context.new_page()
    subject = reading_of(dashboard, QUIET)
    questions = ("breathless", "swollen") if kind is AskKind.CHECK_IN else ()
    more = {"value": 92.4, "usual": 80.0} if kind is AskKind.IS_THIS_YOU else {}
    ask(dashboard, QUIET, kind, subject=subject, measures=(Measure.WEIGHT,), questions=questions, **more)
    sign_in(page, dashboard)
    assert violations(page) == []
    if kind is AskKind.CHECK_IN:
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert violations(page) == []
    context.close()


def test_the_page_speaks_spanish_to_whom_reads_spanish(phone: Page, dashboard: Dashboard) -> None:
    with dashboard.database() as connection:
        connection.execute("UPDATE patients SET language = 'es' WHERE patient_id = %s", (KWAME,))
    ask(dashboard, KWAME, AskKind.CHECK_IN, questions=("breathless",))
    code = code_from_nurse(dashboard, KWAME)
    phone.goto(f"{dashboard.url}/me/sign-in")
    phone.get_by_role("link", name="Español").click()
    phone.get_by_label("Su número de historia").fill(f"MRN-{KWAME}")
    phone.get_by_role("button", name="Ya tengo un código").click()
    phone.get_by_label("Su código").fill(code)
    phone.get_by_role("button", name="Ir a mi página").click()
    expect(phone.get_by_text("Hola, Kwame")).to_be_visible()
    expect(phone.get_by_text("¿Le falta el aire más que otros días?")).to_be_visible()
    expect(phone.locator("html")).to_have_attribute("lang", "es")


def test_the_patients_pages_pass_axe_and_stay_small(
    browser: Browser, dashboard: Dashboard, violations: Callable[[Page], list[str]]
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 844})
    page = context.new_page()
    received: list[int] = []

    def looks_right() -> None:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    page.on("response", lambda answer: received.append(len(answer.body())))
    page.goto(f"{dashboard.url}/me/sign-in")
    looks_right()
    code = code_from_nurse(dashboard)
    page.get_by_label("Your record number").fill(f"MRN-{QUIET}")
    page.get_by_role("button", name="Send me a code").click()
    looks_right()
    page.get_by_label("Your code").fill(code)
    received.clear()
    page.get_by_role("button", name="Go to my page").click()
    expect(page.get_by_text("Hello Quentin")).to_be_visible()
    looks_right()
    page.goto(f"{dashboard.url}/me/add/weight")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    looks_right()
    assert sum(received) < 60_000
    context.close()
