"""Telling patients and carers that they are asked something: one message at a time, none at night."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from alerts.book import texts
from alerts.clinic.patient_words import PatientWords
from alerts.notify.policy import Policy
from store import ask_deliveries, patient_contacts, portal
from store.ask_deliveries import DueAsk
from store.connection import Connection, transaction
from store.patient_contacts import Way
from vitals.ask import Audience

_KEYS = uuid.UUID("0d9a6c1e-7a43-5b0e-8c0b-2f1d1c7c0a4e")
"""The namespace of the idempotency keys."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientOffice:
    """What telling patients works with: policy, channels, where their pages are, the clinic's words."""

    policy: Policy
    channels: Collection[str]
    hub_url: str
    words: PatientWords


def way_now(
    ask: DueAsk, ways: Sequence[Way], channels: Collection[str], policy: Policy, now: datetime
) -> Way | None:
    """By which way to tell of the ask now: the first that exists and was not given up. Pure.

    None where there is none, or where it is night for the patient: then it waits for the morning, if the ask
    lasts so long. It is on the patient's own page all the while.
    """
    if policy.is_quiet(now, ZoneInfo(ask.time_zone)):
        return None
    left = [
        way for way in ways if way.channel in channels and f"{way.channel} {way.address}" not in ask.failed
    ]
    return left[0] if left else None


def tell_patients(connection: Connection, office: PatientOffice, now: datetime) -> int:
    """Make the deliveries that are due to patients and carers; how many."""
    made = 0
    with transaction(connection):
        if not ask_deliveries.alone(connection):
            return 0
        ask_deliveries.cancel_over(connection, now)
        for ask in ask_deliveries.due(connection, office.channels, now):
            ways = patient_contacts.ways_to(connection, ask.patient_id, ask.audience)
            way = way_now(ask, ways, office.channels, office.policy, now)
            if way is not None and _tell(connection, ask, way, office, now):
                made += 1
                _log.info("patient is told of an ask", ask_id=ask.ask_id, to=ask.audience.value)
    return made


def _tell(connection: Connection, ask: DueAsk, way: Way, office: PatientOffice, now: datetime) -> bool:
    """No word of what is asked, nor of whom: the page says that, to whoever can sign in to it."""
    letters = office.words.of(ask.language).letters
    body = letters.carer
    if ask.audience is Audience.PATIENT:
        body = letters.patient.format(link=_link(connection, ask, office, now))
    return ask_deliveries.add(
        connection,
        ask,
        way,
        key=str(uuid.uuid5(_KEYS, f"{ask.ask_id}:{ask.patient_id}:{way.channel}:{way.address}")),
        subject=letters.subject,
        body=body,
        now=now,
    )


def _link(connection: Connection, ask: DueAsk, office: PatientOffice, now: datetime) -> str:
    """The patient's personal link, which leads to a page that they can read."""
    link = f"{office.hub_url.rstrip('/')}/me/to/{portal.link_of(connection, ask.patient_id, now)}"
    language = office.words.language_for(ask.language)
    return link if language == texts.ENGLISH else f"{link}?lang={language}"
