"""One patient and one alert as their components draw them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.book import texts
from dashboard.access import CLINICAL
from dashboard.components import Json
from dashboard.views.asked import ask_items
from dashboard.views.care_history import decision_items, limit_items, own_limit_items
from dashboard.views.history import Reader, alert_words, history_props, latest, message_item
from dashboard.views.pauses import banner_pause, pause_history
from dashboard.views.targets import Limits, alert_limit_items, limit_sentences, target_items
from dashboard.views.wording import ROLES, called, full_name, person, sex_and_age, title_of_rule, written_date
from dashboard.words import LANGUAGE, say
from store.care import SentMessage
from store.corrections import Decision
from store.limits import LimitRow
from store.patients import CareTeamMember
from store.pauses import PauseRecord
from store.population import ChartReading, PatientFile
from store.reminders import Reminder
from store.staff import Staff
from vitals.alert import Alert, Priority
from vitals.alert_event import AlertEvent, Escalated, EvidenceAdded, PriorityRaised, Raised, Undone, Worsened
from vitals.ask import Ask
from vitals.breach import Breach
from vitals.ids import StaffId

_LIMITS_SHOWN = 20
_LANGUAGES = {
    "ar": "Arabic", "bn": "Bengali", "cy": "Welsh", "de": "German", "es": "Spanish", "fr": "French",
    "hi": "Hindi", "it": "Italian", "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "so": "Somali", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "zh": "Chinese",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """What the store knows of one patient, read in one transaction, for one page."""

    file: PatientFile
    ward: str | None = None
    """The ward's name, for a nurse of several."""
    team: Sequence[CareTeamMember]
    limits: Limits
    alerts: Sequence[Alert]
    alert: Alert | None
    events: Sequence[AlertEvent]
    names: Mapping[StaffId, str]
    people: Sequence[Staff]
    care_seconds: int = 0
    messages: Sequence[SentMessage] = ()
    asks: Sequence[Ask] = ()
    decided: Sequence[Decision] = ()
    reminder: Reminder | None = None
    limits_set: Sequence[LimitRow] = ()
    """Every limit that was ever set for them, the newest first."""
    pauses: Sequence[PauseRecord] = ()
    readings: Sequence[ChartReading] = ()


def patient_props(facts: PatientFacts, path: str, me: Staff, now: datetime) -> dict[str, Json]:
    """Banner, alert and what can be done about it. `path` tells the page whether this is still wanted."""
    file, alert = facts.file, facts.alert
    return {
        "path": path,
        "now": now.isoformat(),
        "patient": {
            "id": file.patient_id,
            "name": full_name(file.given_name, file.family_name),
            "about": sex_and_age(file.sex, file.birth_date, now.date()),
            "sex_age": sex_and_age(file.sex, file.birth_date, now.date()),
            "born": written_date(file.birth_date),
            "record_number": file.record_number,
            "allergies": file.allergies,
            "phone": file.phone,
            "conditions": file.conditions,
            "language": _language(file),
            "pause": banner_pause(file),
            "ward": facts.ward,
        },
        "known": {
            "targets": [{"name": name, "value": value} for name, value in target_items(facts.limits)],
            "limits": [{"name": name, "value": value} for name, value in alert_limit_items(facts.limits)],
            "own_limits": own_limit_items(facts.limits_set, facts.names, ZoneInfo(file.time_zone), now),
            "medicines": file.medicines,
            "team": [{"name": one.name, "role": one.role, "phone": one.phone} for one in facts.team],
        },
        "alert": alert_props(facts, alert, me) if alert else None,
        "others": [
            {"id": other.alert_id, "priority": other.priority, "reason": alert_words(other)}
            for other in sorted(facts.alerts, key=lambda one: (-one.priority.rank, one.raised_at))
            if other.closed_at is None and (alert is None or other.alert_id != alert.alert_id)
        ],
        "can": [*(possible(alert, me, _waiting_for(facts)) if alert else []), "message", "limit", "pause"],
        "people": [
            {"id": one.staff_id, "name": one.name, "role_word": say(ROLES[one.role])}
            for one in facts.people
            if one.staff_id != me.staff_id and one.role in CLINICAL
        ],
    }


def whose_props(file: PatientFile | None, now: datetime) -> Json:
    """Who somebody is, in enough words to be sure that no other is meant."""
    if file is None:
        return None
    return {
        "id": file.patient_id,
        "name": full_name(file.given_name, file.family_name),
        "about": sex_and_age(file.sex, file.birth_date, now.date()),
        "born": written_date(file.birth_date),
    }


def aside_props(facts: PatientFacts, me: Staff, now: datetime) -> dict[str, Json]:
    """How much time the patient took, what is asked of them, and what happened."""
    file, zone = facts.file, ZoneInfo(facts.file.time_zone)
    reader = Reader(staff_id=me.staff_id, now=now)
    return {
        "patient_id": file.patient_id,
        "name": full_name(file.given_name, file.family_name),
        "care_minutes": facts.care_seconds // 60,
        "history": history_props(
            facts.alert,
            facts.events,
            facts.alerts,
            facts.names,
            others=[
                *(message_item(one, reader) for one in facts.messages),
                *ask_items(facts.asks, now),
                *decision_items(facts.decided, facts.names, zone),
                *limit_items(facts.limits_set[:_LIMITS_SHOWN], facts.names, zone, me, now),
                *pause_history(facts.pauses, facts.names, zone, now),
            ],
            reader=reader,
        ),
    }


def _language(file: PatientFile) -> str | None:
    """The language to speak, where it is not English."""
    if file.language == "en" and not file.interpreter:
        return None
    name = _LANGUAGES.get(file.language, file.language)
    return say("{language} (interpreter)", language=name) if file.interpreter else name


def alert_props(facts: PatientFacts, alert: Alert, me: Staff) -> dict[str, Json]:
    """The alert, the limits it was judged by, what to ask, and what this person can do."""
    breach = newest_breach(facts.events)
    owner = facts.names.get(alert.owner, say("Unknown")) if alert.owner else None
    waiting = _waiting_for(facts)
    return {
        "id": alert.alert_id,
        "rev": alert.rev,
        "priority": alert.priority,
        "measure": alert.measure,
        "reason": alert_words(alert),
        "raised": alert.raised_at.isoformat(),
        "due": alert.due_at.isoformat(),
        "late": alert.late,
        "unconfirmed": not alert.confirmed,
        "owner": person(alert.owner, owner, me) if alert.owner and owner else None,
        "waiting_for": facts.names.get(waiting) if waiting else None,
        "escalated": _escalated(facts, alert),
        "snoozed_until": alert.snoozed_until.isoformat() if alert.snoozed_until else None,
        "snooze_reason": alert.snooze_reason if alert.snoozed_until else None,
        "cleared": alert.cleared_at.isoformat() if alert.cleared_at and not alert.is_withdrawn else None,
        "withdrawn": alert.is_withdrawn,
        "closed": alert.closed_at is not None,
        "outcome": alert.outcome,
        "rule": title_of_rule(alert.rule),
        "limits": limit_sentences(breach, facts.names) if breach else [],
        "asks": [texts.text(key, {}, LANGUAGE.get()) for key in breach.asks] if breach else [],
        "latest": latest(facts.events, facts.names),
        "reminder": facts.reminder.remind_at.isoformat() if facts.reminder else None,
        "limit_names": [limit.name for limit in breach.limits] if breach else [],
    }


def possible(alert: Alert, me: Staff, waiting_for: StaffId | None) -> list[str]:
    """What this person can do to the alert now, the likeliest first."""
    if alert.closed_at is not None:
        return ["note", "call"]
    can: list[str] = []
    if waiting_for == me.staff_id:
        can.append("accept")
    elif alert.acknowledged_at is None:
        can.append("acknowledge")
    elif alert.owner != me.staff_id:
        can.append("claim")
    can += ["call", "note"]
    if alert.priority is not Priority.HIGH:
        can.append("snooze")
    return [*can, "remind", "escalate", "close"]


def _waiting_for(facts: PatientFacts) -> StaffId | None:
    """Whom the last escalation by a person waits for, where they have not accepted it, or took that back."""
    waiting = None
    undone = {event.what.undone_rev for event in facts.events if isinstance(event.what, Undone)}
    for event in (one for one in facts.events if one.rev not in undone):
        match event.kind.value:
            case "escalated" if isinstance(event.what, Escalated):
                waiting = StaffId(event.what.to)
            case "accepted" | "claimed" | "closed":
                waiting = None
            case _:
                pass
    return waiting if waiting in facts.names else None


def _escalated(facts: PatientFacts, alert: Alert) -> Json:
    """Whom the alert has climbed to, and when, where nobody has taken it yet."""
    if not alert.escalation or alert.acknowledged_at is not None or alert.closed_at is not None:
        return None
    climbed = [(event.at, event.what.to) for event in facts.events if isinstance(event.what, Escalated)]
    at, to = climbed[-1]
    words = say("Escalated to {name}", name=called(to, facts.names))
    return {"words": words, "at": at.isoformat()}


def newest_breach(events: Sequence[AlertEvent]) -> Breach | None:
    """The newest breach that the alert speaks of."""
    for event in reversed(events):
        if isinstance(event.what, Raised | EvidenceAdded | PriorityRaised | Worsened):
            return event.what.breach
    return None
