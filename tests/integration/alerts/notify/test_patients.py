"""Asks of patients on a real database, SMTP server and HTTP receiver: one at a time, and saying nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.notify import people
from alerts.notify import policy as policy_file
from alerts.notify.patients import way_now
from alerts.notify.policy import BrokenPolicy
from alerts.notify.settings import NotifySettings
from alerts.notify.worker import open_channels
from runtime.clock import utc_now
from store import asks, patient_contacts, portal
from store.ask_deliveries import DueAsk
from store.asks import Answered
from store.connection import Connection
from store.patient_contacts import Way
from tests.harness.receivers import hook_receiver, mail_server
from tests.harness.small_ward import ANNA, BERT, WARD
from tests.harness.waiting import stays_so, wait_until
from tests.integration.alerts.notify.conftest import POLICY, running
from tests.integration.alerts.notify.test_notifier import canaries, hook, mail
from vitals.ask import AskAnswer, AskKind, Audience, Wanted
from vitals.ids import PatientId
from vitals.measure import Measure

# apprise's mail loads a module of the standard library that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

Make = Callable[..., NotifySettings]


def ask(
    connection: Connection,
    patient_id: PatientId = ANNA,
    *,
    subject: str = "r-1",
    audience: Audience = Audience.PATIENT,
    lasts: timedelta = timedelta(minutes=30),
) -> None:
    now = utc_now()
    wanted = Wanted(
        kind=AskKind.REPEAT,
        subject=subject,
        because="bp_crisis",
        since=now,
        expires_at=now + lasts,
        measures=(Measure.SYSTOLIC,),
        audience=audience,
    )
    assert asks.add(connection, patient_id, wanted, now)


def deliveries(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT channel, address, state, attempts FROM deliveries ORDER BY delivery_id"
    ).fetchall()


def told(connection: Connection) -> list[str]:
    return [row[2] for row in deliveries(connection)]


def answer(connection: Connection) -> None:
    [one] = asks.open_of(connection, ANNA, utc_now())[:1]
    asks.answer(connection, ANNA, Answered(ask_id=one.ask_id, answer=AskAnswer.MEASURED), utc_now())


def test_a_patient_is_mailed_their_link_and_nothing_that_says_who_they_are_or_how(
    connection: Connection, settings: Make
) -> None:
    patient_contacts.add(connection, ANNA, Audience.PATIENT, "mail", "anna@home.example")
    with mail_server() as server, running(settings(mail(server.port))):
        ask(connection)
        wait_until(lambda: told(connection) == ["sent"])
        message = server.parsed(0)
    assert server.recipients == ["anna@home.example"]
    text = "".join(
        part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart()
    )
    link = portal.link_of(connection, ANNA, utc_now())
    assert message["Subject"] == "A message from your clinic"
    assert text.strip() == (
        f"Please open your page. We ask you something there: https://hub.example/me/to/{link}"
    )
    everything = server.mails[0].decode().replace("anna@home.example", "")
    assert [word for word in canaries(connection) if word in everything] == []
    assert [word for word in ("pressure", "blood", "186", "again") if word in everything] == []


def test_there_is_one_message_at_a_time(connection: Connection, settings: Make) -> None:
    patient_contacts.add(connection, ANNA, Audience.PATIENT, "mail", "anna@home.example")
    ask(connection, subject="first", lasts=timedelta(hours=2))
    with mail_server() as server, running(settings(mail(server.port)), settings(mail(server.port))):
        wait_until(lambda: told(connection) == ["sent"])
        ask(connection, subject="ends sooner", lasts=timedelta(minutes=20))
        stays_so(lambda: len(server.mails) == 1, for_s=2.5)
        answer(connection)
        wait_until(lambda: told(connection) == ["sent", "sent"], what="the next is told once this is over")


def test_a_channel_that_fails_is_tried_again_and_then_the_next_one(
    connection: Connection, settings: Make
) -> None:
    patient_contacts.add(connection, ANNA, Audience.PATIENT, "pager", "anna", position=1)
    patient_contacts.add(connection, ANNA, Audience.PATIENT, "mail", "anna@home.example", position=2)
    with (
        mail_server() as server,
        hook_receiver(lambda _number: 500) as receiver,
        running(settings(hook(receiver.url) + mail(server.port))),
    ):
        ask(connection)
        wait_until(lambda: told(connection) == ["dead", "sent"])
    assert [(row[0], row[3]) for row in deliveries(connection)] == [("pager", 2), ("mail", 1)]
    assert len(set(receiver.keys)) == 1, "every attempt has the same key"
    assert b'"type":"patient"' in receiver.posts[0].body
    assert b'"alert_id":null' in receiver.posts[0].body


def test_who_recorded_no_way_of_their_own_is_reached_as_their_record_says(
    connection: Connection, settings: Make
) -> None:
    connection.execute(
        "UPDATE patients SET email = 'anna@record.example', language = 'es' WHERE patient_id = %s", (ANNA,)
    )
    ask(connection)
    ask(connection, BERT)
    with mail_server() as server, running(settings(mail(server.port))):
        wait_until(lambda: told(connection) == ["sent"])
        [(body,)] = connection.execute("SELECT body FROM deliveries").fetchall()
        assert body.startswith("Abra su página")
        assert body.endswith("?lang=es"), "the link leads to a page that they can read"
        stays_so(lambda: server.recipients == ["anna@record.example"], for_s=1.5)


def test_a_carer_is_told_without_a_link_and_beside_the_patient(
    connection: Connection, settings: Make
) -> None:
    patient_contacts.add(connection, ANNA, Audience.PATIENT, "mail", "anna@home.example")
    patient_contacts.add(connection, ANNA, Audience.CARER, "mail", "carl@home.example")
    ask(connection, subject="day")
    ask(connection, subject="carer day", audience=Audience.CARER)
    with mail_server() as server, running(settings(mail(server.port))):
        wait_until(lambda: told(connection) == ["sent", "sent"])
    assert sorted(server.recipients) == ["anna@home.example", "carl@home.example"]
    to_carer = server.mails[server.recipients.index("carl@home.example")].decode()
    assert "the one you care for" in to_carer
    assert "/me/" not in to_carer


def test_what_was_answered_meanwhile_is_not_sent(connection: Connection, settings: Make) -> None:
    patient_contacts.add(connection, ANNA, Audience.PATIENT, "pager", "anna")
    slow = POLICY.replace("first_wait_seconds = 0.05", "first_wait_seconds = 3").replace(
        "longest_wait_seconds = 0.1", "longest_wait_seconds = 3"
    )
    with hook_receiver(lambda _number: 503) as receiver, running(settings(hook(receiver.url), slow)):
        ask(connection)
        wait_until(lambda: len(receiver.posts) == 1)
        answer(connection)
        wait_until(lambda: told(connection) == ["cancelled"])
        stays_so(lambda: len(receiver.posts) == 1, for_s=3.5)


BERLIN = ZoneInfo("Europe/Berlin")
DUE = DueAsk(
    ask_id=1,
    patient_id=ANNA,
    audience=Audience.PATIENT,
    language="en",
    time_zone="Europe/Berlin",
    failed=[],
)
WAYS = [Way(channel="push", address="a"), Way(channel="mail", address="b"), Way(channel="sms", address="c")]


@pytest.mark.parametrize(
    ("clock", "zone", "way"),
    [
        ("20:59", "Europe/Berlin", "mail"),
        ("21:00", "Europe/Berlin", None),
        ("06:59", "Europe/Berlin", None),
        ("07:00", "Europe/Berlin", "mail"),
        ("21:30", "Atlantic/Canary", "mail"),
    ],
)
def test_nobody_is_told_in_their_own_night(clock: str, zone: str, way: str | None) -> None:
    now = datetime.fromisoformat(f"2026-03-04T{clock}").replace(tzinfo=BERLIN)
    found = way_now(
        replace(DUE, time_zone=zone), WAYS, {"mail", "sms"}, policy_file.shipped(), now.astimezone(BERLIN)
    )
    assert (found.channel if found else None) == way


def test_a_way_that_was_given_up_is_not_tried_again() -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=BERLIN)
    shipped = policy_file.shipped()
    left = replace(DUE, failed=["mail b"])
    assert way_now(left, WAYS, {"mail", "sms"}, shipped, noon) == WAYS[2]
    assert way_now(replace(DUE, failed=["mail b", "sms c"]), WAYS, {"mail", "sms"}, shipped, noon) is None


def test_a_file_puts_patients_contacts_in_place_and_names_every_mistake(
    connection: Connection, settings: Make, tmp_path: Path
) -> None:
    from alerts.notify import channels

    opened = open_channels(channels.load(settings(mail(25)).notify_channels_file))
    path = tmp_path / "people.toml"

    def put(text: str) -> None:
        path.write_text(text)
        people.put_in_place(connection, path, WARD, opened, author="test", now=utc_now())

    entry = '[[patient_contacts]]\nrecord_number = "MRN-p-anna"\nchannel = "mail"\naddress = "{}"\n{}\n'
    put(entry.format("anna@home.example", "") + entry.format("carl@home.example", 'audience = "carer"'))
    carer = patient_contacts.ways_to(connection, ANNA, Audience.CARER)
    assert carer == [Way(channel="mail", address="carl@home.example")]
    put("")
    assert patient_contacts.ways_to(connection, ANNA) == [Way(channel="mail", address="anna@home.example")]
    with pytest.raises(BrokenPolicy) as refused:
        put(
            entry.format("x@home.example", "").replace("MRN-p-anna", "MRN-nobody")
            + entry.format("x@home.example", "").replace('"mail"', '"mial"')
        )
    assert [str(mistake) for mistake in refused.value.mistakes] == [
        "people.toml: patient contact 2: no channel 'mial'. Did you mean 'mail'?",
        "people.toml: patient contact 1: no patient of this ward has the record number 'MRN-nobody'.",
    ]
    put(entry.format("anna@new.example", ""))
    assert patient_contacts.ways_to(connection, ANNA) == [Way(channel="mail", address="anna@new.example")]
    assert patient_contacts.ways_to(connection, ANNA, Audience.CARER) == []
