"""Every text that is sent, read in both languages: it says what to do and where, and nothing of whom."""

import re
from dataclasses import replace

import pytest

from alerts import life
from alerts.book import texts
from alerts.clinic.patient_words import shipped
from alerts.notify.decide import Reason
from alerts.notify.wording import words
from tests.harness.notified import NOON, breach
from vitals.alert import Priority
from vitals.alert_event import Raised
from vitals.ids import AlertId, PatientId

TOLD = [reason for reason in Reason if reason.value.startswith("notify_")]
LINK = "https://hub.example/me/to/abc"


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("priority", Priority)
def test_staff_read_the_alerts_number_what_to_do_and_the_way_there(priority: Priority, language: str) -> None:
    raised = Raised(patient_id=PatientId("p-anna"), breach=breach(priority), due_at=NOON)
    alert = replace(life.begin(raised, NOON, lambda _breach: "SpO2 84 %"), alert_id=AlertId(1234))
    deed = {"en": r"Open it and (acknowledge|accept) it:", "es": r"Ábrala y (confírmela|acéptela):"}[language]
    for reason in TOLD:
        said = words(alert, reason, "https://hub.example/", language)
        first, link = said.body.split("\n")
        assert first.startswith(f"{said.subject}. ")
        assert "1234" in said.subject
        assert re.search(deed, first), first
        assert link == "https://hub.example/app/alerts/1234"
        assert not re.search(r"p-anna|84|SpO2|[{}]", said.subject + first)
        assert len(said.body) < 240, "two text messages"


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_patients_and_carers_read_what_to_do_and_nothing_of_what_is_asked(language: str) -> None:
    letters = shipped().of(language).letters
    patient = letters.patient.format(link=LINK)
    code = letters.code.format(code="123456", minutes=15)
    assert patient.endswith(f" {LINK}"), (
        "nothing behind the link that a telephone could take for a part of it"
    )
    assert re.search(r"\b123456\b", code)
    assert "15" in code
    for text in (letters.subject, patient, letters.carer, letters.code_subject, code):
        assert not re.search(r"[{}]", text)
        assert len(text) < 160
        measures = r"(?i)weigh|pressure|oxygen|sugar|peso|tensi|oxígeno|azúcar|Hearthward"
        assert not re.search(measures, text), text
