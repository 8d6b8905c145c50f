"""SMS and chat through apprise, against a real HTTP receiver: what leaves the hub, and what refusals do."""

import json
from collections.abc import Callable

import pytest

from alerts.notify.settings import NotifySettings
from store import contacts, deliveries
from store.connection import Connection
from tests.harness.receivers import hook_receiver
from tests.harness.waiting import wait_until
from tests.integration.alerts.notify.conftest import DOCTOR, NURSE, raise_alert, running

# apprise's mail loads a module of the standard library that is on its way out.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

Make = Callable[..., NotifySettings]

PHONE = "+441632960001"
# An SMS gateway that stands in the clinic's own network, and a chat server; both take a host and a port.
TAKEN = b'{"result": {"message_id": 1, "status": "ok"}}'
REFUSED = b'{"result": {"status": "error"}}'


def channel(name: str, url: str) -> str:
    return f'[{name}]\nkind = "apprise"\nurl = "{url}"\n'


def sms(port: int) -> str:
    return channel("sms", f"smseagle://a-secret-token@127.0.0.1:{port}/{{address}}")


def chat(port: int) -> str:
    return channel("chat", f"mmost://127.0.0.1:{port}/3ccdd113474722377935511fc85d3dd4?channel={{address}}")


def states(connection: Connection, alert_id: int) -> list[tuple[str, str]]:
    query = "SELECT channel, state FROM deliveries WHERE alert_id = %s ORDER BY delivery_id"
    return connection.execute(query, (alert_id,)).fetchall()


def identifying(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT given_name, family_name, record_number, patient_id FROM patients")
    return [str(word) for row in rows.fetchall() for word in row]


def test_an_sms_gateway_is_given_the_number_and_nothing_that_says_whose_alert_it_is(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "sms", PHONE)
    with hook_receiver() as receiver:
        receiver.says = TAKEN
        with running(settings(sms(receiver.port))):
            alert = raise_alert(connection)
            wait_until(lambda: states(connection, alert.alert_id) == [("sms", "sent")], deadline_s=20)
    [post] = receiver.posts
    sent = json.loads(post.body)["params"]
    assert sent["to"] == PHONE
    assert f"Urgent alert {alert.alert_id}" in sent["message"]
    assert f"https://hub.example/app/alerts/{alert.alert_id}" in sent["message"]
    text = f"{post.path} {post.headers} {post.body.decode()}"
    assert [word for word in identifying(connection) if word in text] == []


def test_an_sms_that_the_gateway_refuses_is_tried_again_and_then_the_next_person_is_told(
    connection: Connection, settings: Make
) -> None:
    contacts.add(connection, NURSE, "sms", PHONE)
    contacts.add(connection, DOCTOR, "chat", "ward-one")
    with hook_receiver() as gateway, hook_receiver() as server:
        gateway.says = REFUSED
        with running(settings(sms(gateway.port) + chat(server.port))):
            alert = raise_alert(connection)
            wait_until(
                lambda: states(connection, alert.alert_id) == [("sms", "dead"), ("chat", "sent")],
                deadline_s=20,
            )
    assert len(gateway.posts) == 2
    [post] = server.posts
    said = json.loads(post.body)
    assert post.path == "/hooks/3ccdd113474722377935511fc85d3dd4"
    assert said["channel"] == "ward-one"
    assert said["text"].startswith(f"Urgent alert {alert.alert_id}")
    text = f"{post.path} {post.headers} {post.body.decode()}"
    assert [word for word in [*identifying(connection), "github"] if word in text] == []
    [trouble] = deliveries.troubles(connection)
    assert (trouble.channel, trouble.why) == ("sms", "the service did not take it")
