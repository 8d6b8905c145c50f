"""How people, dates and codes are written on every screen."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from alerts.book import texts
from dashboard.words import LANGUAGE, say
from store.rota import Duty
from store.staff import Role, Staff
from vitals.ids import StaffId
from vitals.measure import Measure

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SEX = {
    "female": "Female, {n} years",
    "male": "Male, {n} years",
    "other": "Other sex, {n} years",
    "unknown": "Sex not recorded, {n} years",
}
_SEX_IN_A_ROW = {
    "female": "Female {n}",
    "male": "Male {n}",
    "other": "Other sex {n}",
    "unknown": "Sex not recorded {n}",
}
ROLES = {
    Role.NURSE: "Nurse",
    Role.LEAD: "Lead nurse",
    Role.CLINICIAN: "Clinician",
    Role.ADMIN: "Administrator",
}

_DUTIES = {
    Duty.NURSE: "the nurse on duty",
    Duty.BACKUP: "the backup nurse",
    Duty.ON_CALL: "the clinician on call",
    Duty.LEAD: "the lead nurse",
}

Person = dict[str, str | bool]


def initials(name: str) -> str:
    """First and last initial of a name, without its title."""
    words = [word for word in name.split() if not word.endswith(".") and word.lower() not in ("dr", "prof")]
    chosen = words[:1] + words[1:][-1:]
    return "".join(word[0].upper() for word in chosen)


def colleague(staff_id: StaffId, name: str) -> Person:
    """A member of staff, whoever looks."""
    return {"id": staff_id, "name": name, "initials": initials(name)}


def person(staff_id: StaffId, name: str, me: Staff) -> Person:
    """A member of staff as our components draw them for one nurse."""
    return {**colleague(staff_id, name), "mine": staff_id == me.staff_id}


def called(to: str, names: Mapping[StaffId, str] | None = None) -> str:
    """Whom an alert was escalated to: a duty in words, or the name of who has this id."""
    return say(_DUTIES[Duty(to)]) if to in list(Duty) else (names or {}).get(StaffId(to), to)


def full_name(given_name: str, family_name: str) -> str:
    """Given name first, as it is spoken."""
    return f"{given_name} {family_name}"


def age(birth_date: date, today: date) -> int:
    """Completed years."""
    return today.year - birth_date.year - ((today.month, today.day) < (birth_date.month, birth_date.day))


def sex_and_age(sex: str, birth_date: date, today: date) -> str:
    """Sex in full, never a letter: M is also Monday."""
    return say(_SEX[sex], n=age(birth_date, today))


def sex_and_age_in_a_row(sex: str, birth_date: date, today: date) -> str:
    """The same where a name and it must fit on one line of a list."""
    return say(_SEX_IN_A_ROW[sex], n=age(birth_date, today))


def written_date(day: date) -> str:
    """05-Apr-2026: cannot be read as May the fourth (NHS Common User Interface, date display)."""
    return f"{day.day:02d}-{say(_MONTHS[day.month - 1])}-{day.year}"


def written_time(at: datetime, zone: ZoneInfo) -> str:
    """24-Nov 07:45 on the patient's clock."""
    local = at.astimezone(zone)
    return f"{local.day:02d}-{say(_MONTHS[local.month - 1])} {local:%H:%M}"


def rule_name(rule: str) -> str:
    """The rule's name in the reader's language; its id where the rulebook has it no longer."""
    return _named(f"rule_{rule}", rule)


def title_of_rule(rule: str) -> str | None:
    """The rule's name in the reader's language; None where it is called by its id alone."""
    name = rule_name(rule)
    return None if name == _in_words(rule) else name


def limit_name(limit: str) -> str:
    """The limit's name in the reader's language; its id where the rulebook has it no longer."""
    return _named(f"limit_{limit}", limit)


def _named(key: str, code: str) -> str:
    try:
        return texts.text(key, {}, LANGUAGE.get())
    except texts.UnknownText:
        return _in_words(code)


def _in_words(code: str) -> str:
    return code.replace("_", " ")


def measure_words(measure: Measure) -> str:
    """The measure's name in the reader's language."""
    return texts.text(f"measure_{measure.value}", {}, LANGUAGE.get())
