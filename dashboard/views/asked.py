"""What a patient was asked, and what came of it, as their history tells it."""

from collections.abc import Sequence
from datetime import datetime

from alerts.rules import news2
from dashboard.components import Json
from dashboard.numbers import number
from dashboard.words import say
from vitals.ask import Ask, AskAnswer, AskKind, Audience
from vitals.measure import Measure

_DID = {
    Measure.WEIGHT: "asked the patient to weigh again",
    Measure.SYSTOLIC: "asked the patient to measure blood pressure again",
    Measure.SPO2: "asked the patient to measure oxygen again",
    Measure.HEART_RATE: "asked the patient to measure heart rate again",
    Measure.TEMPERATURE: "asked the patient to measure temperature again",
    Measure.GLUCOSE: "asked the patient to measure glucose again",
}
_NOTHING = {
    AskKind.REPEAT: "no repeat",
    AskKind.IS_THIS_YOU: "no answer",
    AskKind.MEASURE: "no reading",
    AskKind.CHECK_IN: "no answer",
}
_ANSWERS = {
    AskKind.IS_THIS_YOU: {AskAnswer.YES: "patient says: this was me", AskAnswer.NO: "patient says: not me"},
    AskKind.CHECK_IN: {AskAnswer.YES: "patient says: yes", AskAnswer.NO: "patient says: no"},
}


def ask_items(asks: Sequence[Ask], now: datetime) -> list[dict[str, Json]]:
    """Each ask as a line of the history."""
    return [
        {
            "key": f"q{ask.ask_id}",
            "at": ask.asked_at.isoformat(),
            "who": "Hearthward",
            "did": say(_did(ask)),
            "words": _words(ask),
            "icon": "message",
            "of": _outcome(ask, now),
        }
        for ask in asks
    ]


def _did(ask: Ask) -> str:
    wanted = ask.wanted
    match wanted.kind:
        case AskKind.REPEAT:
            return _DID[wanted.measures[0]]
        case AskKind.IS_THIS_YOU:
            return "asked the patient whether this was them"
        case AskKind.MEASURE if wanted.audience is Audience.CARER:
            return "asked the carer to remind the patient"
        case AskKind.MEASURE:
            return "reminded the patient to measure"
        case AskKind.CHECK_IN:
            return "asked the patient how they feel"


def _words(ask: Ask) -> str:
    if ask.wanted.value is not None and ask.wanted.usual is not None:
        said = {"value": number(ask.wanted.value, 1), "usual": number(ask.wanted.usual, 1)}
        return say("{value} kg, usually {usual} kg", **said)
    return ", ".join(say(question.replace("_", " ")) for question in ask.wanted.questions)


def _outcome(ask: Ask, now: datetime) -> str:
    if ask.answer is None:
        return say("not answered yet") if ask.is_open(now) else say(_NOTHING[ask.wanted.kind])
    if ask.answer is AskAnswer.MEASURED:
        return say("measured")
    if set(ask.wanted.questions) & set(news2.QUESTIONS):
        return say("patient has answered")  # a yes to one of these is good news, and to the other bad
    return say(_ANSWERS.get(ask.wanted.kind, {}).get(ask.answer, "no longer needed"))
