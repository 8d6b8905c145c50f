"""Who may reach which path: the one table, and everything that is not in it is refused."""

import re
from dataclasses import dataclass
from enum import StrEnum

from store.staff import Role


class Audience(StrEnum):
    """Whom a path is for, before roles are looked at."""

    ANYONE = "anyone"
    STAFF = "staff"
    PATIENT = "patient"


EVERY_ROLE = frozenset(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the table. `path` is a regular expression that must match the whole path."""

    path: str
    methods: frozenset[str]
    audience: Audience = Audience.STAFF
    roles: frozenset[Role] = EVERY_ROLE

    def matches(self, path: str) -> bool:
        """Whether this line speaks of the path."""
        return re.fullmatch(self.path, path) is not None


_GET = frozenset({"GET", "HEAD"})
_POST = frozenset({"POST"})
CLINICAL = frozenset({Role.NURSE, Role.LEAD, Role.CLINICIAN})
"""Who cares for patients: an alert can be handed to them, and they can accept it."""
EQUIPPING = frozenset({Role.NURSE, Role.LEAD, Role.ADMIN})
"""Who enrols gateways and devices, and gives them to patients."""

# The order is that of the reader's interest; no two lines match the same path and method.
RULES: tuple[Rule, ...] = (
    Rule(path=r"/healthz", methods=_GET, audience=Audience.ANYONE),
    Rule(path=r"/static/[a-z0-9_.-]+", methods=_GET, audience=Audience.ANYONE),
    Rule(path=r"/sign-in", methods=_GET | _POST, audience=Audience.ANYONE),
    Rule(path=r"/first-sign-in/[A-Za-z0-9_-]{20,60}", methods=_GET | _POST, audience=Audience.ANYONE),
    Rule(path=r"/sign-out", methods=_POST),
    # The patient's own page, with a sign-in of its own.
    Rule(path=r"/me/sign-in", methods=_GET | _POST, audience=Audience.ANYONE),
    Rule(path=r"/me/code", methods=_POST, audience=Audience.ANYONE),
    Rule(path=r"/me/to/[A-Za-z0-9_-]{1,60}", methods=_GET, audience=Audience.ANYONE),
    Rule(path=r"/me", methods=_GET, audience=Audience.PATIENT),
    Rule(path=r"/me/add/[a-z0-9_]{1,30}", methods=_GET | _POST, audience=Audience.PATIENT),
    Rule(path=r"/me/take-back/[A-Za-z0-9_-]{1,64}", methods=_POST, audience=Audience.PATIENT),
    Rule(path=r"/me/answer/[0-9]{1,18}", methods=_POST, audience=Audience.PATIENT),
    Rule(path=r"/me/sign-out", methods=_POST, audience=Audience.PATIENT),
    Rule(path=r"/", methods=_GET),
    Rule(path=r"/events", methods=_GET),
    # The pages. Dash answers any path with its page, so each page is named here or does not exist.
    Rule(path=r"/app/(alerts(/[0-9]{1,18})?)?", methods=_GET),
    Rule(path=r"/app/patients(/[A-Za-z0-9_-]{1,64})?", methods=_GET),
    Rule(path=r"/app/(quarantine|devices|rules|reports|settings|weekly)", methods=_GET),
    # Dash's own: layout, callbacks, scripts. Its websocket path is closed in the gate.
    Rule(path=r"/app/_dash-(layout|dependencies)", methods=_GET),
    Rule(path=r"/app/_dash-update-component", methods=_POST),
    Rule(path=r"/app/_dash-component-suites/.+", methods=_GET),
    Rule(path=r"/app/assets/.+", methods=_GET),
    Rule(path=r"/app/_favicon\.ico", methods=_GET),
    # The API for programs.
    Rule(path=r"/api/worklist", methods=_POST),
    Rule(path=r"/api/alerts", methods=_GET),
    Rule(path=r"/api/alerts/[0-9]{1,18}", methods=_GET),
    Rule(
        path=r"/api/alerts/[0-9]{1,18}/(acknowledge|note|call|snooze|escalate|accept|close|undo)",
        methods=_POST,
    ),
    Rule(path=r"/api/patients/whose", methods=_POST),
    Rule(path=r"/api/patients/[A-Za-z0-9_-]{1,64}/limits", methods=_GET | _POST),
    Rule(path=r"/api/patients/[A-Za-z0-9_-]{1,64}/limits/preview", methods=_POST),
    Rule(path=r"/api/patients/[A-Za-z0-9_-]{1,64}/(limits|messages)/[0-9]{1,18}/undo", methods=_POST),
    Rule(path=r"/api/patients/[A-Za-z0-9_-]{1,64}/pauses", methods=_GET | _POST),
    Rule(
        path=r"/api/patients/[A-Za-z0-9_-]{1,64}/pauses/[0-9]{1,18}/(ended|taken_back|resumed)", methods=_POST
    ),
    Rule(path=r"/api/patients/[A-Za-z0-9_-]{1,64}/(messages|care-time|sign-in-code)", methods=_POST),
    Rule(
        path=r"/api/patients/[A-Za-z0-9_-]{1,64}/readings/[A-Za-z0-9_-]{1,64}/"
        r"(hold|release|exclude|correct|reassign|undo)",
        methods=_POST,
    ),
    Rule(path=r"/api/quarantine/[0-9]{1,18}/(release|reassign|discard)", methods=_POST),
    Rule(path=r"/api/(gateways|devices)", methods=_POST, roles=EQUIPPING),
    Rule(path=r"/api/devices/[A-Za-z0-9_-]{1,64}/(assign|end)", methods=_POST, roles=EQUIPPING),
    Rule(path=r"/api/devices/[A-Za-z0-9_-]{1,64}/ends/[0-9]{1,18}/undo", methods=_POST, roles=EQUIPPING),
    Rule(path=r"/api/reports/alerts\.csv", methods=_GET),
    Rule(path=r"/api/weekly/lines\.csv", methods=_GET),
    Rule(path=r"/api/weekly/marks", methods=_POST),
    Rule(path=r"/api/rules/tryout", methods=_GET | _POST),
    Rule(path=r"/api/presence", methods=_GET | _POST),
    Rule(path=r"/api/ward", methods=_POST),
    Rule(path=r"/api/reminders", methods=_GET | _POST),
    Rule(path=r"/api/reminders/[0-9]{1,18}/end", methods=_POST),
)


def rule_for(path: str, method: str) -> Rule | None:
    """The line that allows this method on this path; None where none does."""
    return next((rule for rule in RULES if method in rule.methods and rule.matches(path)), None)


def known_path(path: str) -> bool:
    """Whether any method is allowed on the path: tells 405 from 404."""
    return any(rule.matches(path) for rule in RULES)
