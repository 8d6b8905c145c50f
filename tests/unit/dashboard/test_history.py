"""The history of an alert tells what was known then, not what is known now."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts import life
from alerts.asking import BY_PATIENT
from alerts.book import texts
from alerts.typed_in import SAYS_WRONG
from dashboard.views.asked import ask_items
from dashboard.views.care_history import decision_items
from dashboard.views.history import history_props
from dashboard.views.wording import called
from dashboard.words import LANGUAGE, catalogue
from store.corrections import Decision
from vitals.alert import Kind, Priority
from vitals.alert_event import SYSTEM, AlertEvent, Escalated, EvidenceAdded, Raised
from vitals.ask import Ask, AskAnswer, AskKind, Audience, Wanted
from vitals.breach import Breach
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.message import Message

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


def silent(days: int) -> Breach:
    return Breach(
        rule="no_data",
        rule_version=1,
        problem="no_data",
        kind=Kind.PHYSIOLOGICAL,
        priority=Priority.LOW,
        measure=Measure.WEIGHT,
        message=Message(key="silence_call", values={"measure": "noun_weight", "days": days}),
        magnitude=float(days),
        at=T0 + timedelta(days=days),
    )


def test_an_alert_that_grew_is_told_as_it_was_raised() -> None:
    raised = Raised(patient_id=PatientId("p1"), breach=silent(3), due_at=T0 + timedelta(hours=24))
    events = [
        AlertEvent(rev=1, actor=SYSTEM, at=T0, what=raised),
        AlertEvent(rev=2, actor=SYSTEM, at=T0, what=EvidenceAdded(breach=silent(6))),
    ]
    alert = life.fold(events, texts.english)
    [told] = history_props(alert, events, [alert], {})
    assert alert.reason == texts.say(silent(6).message)
    assert told["words"] == texts.say(silent(3).message)
    assert told["words"] != alert.reason


def test_where_the_ladder_has_climbed_to_is_said_in_words_on_the_list_and_in_the_history() -> None:
    raised = Raised(patient_id=PatientId("p1"), breach=silent(3), due_at=T0 + timedelta(hours=24))
    climbed = Escalated(step=1, to="on_call", why="nobody acknowledged it in time")
    events = [
        AlertEvent(rev=1, actor=SYSTEM, at=T0, what=raised),
        AlertEvent(rev=2, actor=SYSTEM, at=T0 + timedelta(minutes=15), what=climbed),
    ]
    [told, _] = history_props(life.fold(events, texts.english), events, [], {})
    assert told["did"] == "escalated to the clinician on call"
    reader = LANGUAGE.set("es")
    try:
        [told, _] = history_props(life.fold(events, texts.english), events, [], {})
        assert told["did"] == "escaló a la persona clínica de guardia"
        assert told["words"] == "nadie la confirmó a tiempo"
    finally:
        LANGUAGE.reset(reader)
    assert called("Dora Doctor") == "Dora Doctor"


def ask(kind: AskKind, answer: AskAnswer | None = None, **more: object) -> Ask:
    facts: dict[str, object] = {"subject": "r1", "because": "test", "measures": (Measure.SYSTOLIC,), **more}
    wanted = Wanted(kind=kind, since=T0, expires_at=T0 + timedelta(minutes=30), **facts)  # type: ignore[arg-type]
    return Ask(
        ask_id=1,
        patient_id=PatientId("p1"),
        asked_at=T0,
        wanted=wanted,
        answered_at=None if answer is None else T0,
        answer=answer,
    )


@pytest.mark.parametrize(
    ("asked", "minutes", "did", "of"),
    [
        (
            ask(AskKind.REPEAT),
            5,
            "asked the patient to measure blood pressure again",
            "not answered yet",
        ),
        (ask(AskKind.REPEAT), 31, "asked the patient to measure blood pressure again", "no repeat"),
        (
            ask(AskKind.REPEAT, AskAnswer.MEASURED),
            31,
            "asked the patient to measure blood pressure again",
            "measured",
        ),
        (
            ask(AskKind.IS_THIS_YOU, AskAnswer.NO, value=96.2, usual=80.1),
            9,
            "asked the patient whether this was them",
            "patient says: not me",
        ),
        (
            ask(AskKind.MEASURE, audience=Audience.CARER),
            31,
            "asked the carer to remind the patient",
            "no reading",
        ),
        (
            ask(AskKind.CHECK_IN, AskAnswer.YES, questions=("breathless", "swollen")),
            9,
            "asked the patient how they feel",
            "patient says: yes",
        ),
    ],
)
def test_what_the_patient_was_asked_is_told_with_what_came_of_it(
    asked: Ask, minutes: int, did: str, of: str
) -> None:
    [told] = history_props(None, [], [], {}, others=ask_items([asked], T0 + timedelta(minutes=minutes)))
    assert (told["at"], told["did"], told["of"]) == (T0.isoformat(), did, of)


def test_what_is_told_of_asks_has_its_spanish() -> None:
    reader = LANGUAGE.set("es")
    try:
        for kind in AskKind:
            for answer in (None, *AskAnswer):
                [told] = ask_items([ask(kind, answer)], T0 + timedelta(hours=1))
                english = (str(told["did"]), str(told["of"]))
                assert [text for text in english if text in catalogue("es")] == []
    finally:
        LANGUAGE.reset(reader)


def test_the_nurse_reads_that_the_patient_took_a_typed_reading_back_and_can_undo_it() -> None:
    said = Decision(
        reading_id=ReadingId("r-1"), patient_id=PatientId("p1"), kind="excluded", reason=SAYS_WRONG,
        author=BY_PATIENT, at=T0, stood={"weight": "accepted"}, correction_id=7, measured_at=T0,
    )  # fmt: skip
    reader = LANGUAGE.set("es")
    try:
        [item] = decision_items([said], {}, ZoneInfo("UTC"))
    finally:
        LANGUAGE.reset(reader)
    assert (item["who"], item["did"]) == ("El paciente", "quitó una medida que había escrito")
    assert item["words"] == "El paciente dice: mal escrita."
    assert item["undo"] is not None
