"""Transtek and LifeSense scales: the session after pairing, and the pairing itself, as ordered steps.

Source: the HCI capture of openble-lifesense (MIT), facts only.
"""

from datetime import timedelta

from device_profiles.handshake import Await, Facts, Handshake, Send
from device_profiles.vendor import lifesense_pairing as pairing

# Kept from the pairing on.
PASSWORD, BROADCAST_ID = "password", "broadcast_id"
_FIRST_ID = bytes.fromhex("01000000")
_RECEIVED_TIME = 0xC0


def _begins(kind: int) -> Await:
    return Await(
        characteristic=pairing.INDICATIONS,
        accepts=lambda frame: frame[:1] == bytes((kind,)),
        timeout=timedelta(seconds=10),
    )


def _answer(facts: Facts) -> bytes:
    password = facts.kept.get(PASSWORD, pairing.NO_PASSWORD)
    if len(facts.heard) < 5 or len(password) != 4:
        return b""
    return pairing.Challenge(random=facts.heard[1:5]).reply(password)


def _broadcast_id(facts: Facts) -> bytes:
    return pairing.encode_broadcast_id(facts.kept.get(BROADCAST_ID, _FIRST_ID))


def _time(facts: Facts) -> bytes:
    return pairing.encode_time(facts.local)


def _end(_facts: Facts) -> bytes:
    return pairing.encode_end()


SYNC = Handshake(
    steps=(
        _begins(pairing.CHALLENGE),
        Send(characteristic=pairing.COMMANDS, make=_answer),
        Send(characteristic=pairing.COMMANDS, make=_broadcast_id),
        Send(characteristic=pairing.COMMANDS, make=_time),
        Await(
            characteristic=pairing.INDICATIONS,
            accepts=lambda frame: frame[:1] == bytes((_RECEIVED_TIME,)),
            timeout=timedelta(seconds=2),
            required=False,
        ),
        Send(characteristic=pairing.COMMANDS, make=_end),
    )
)

PAIRING = Handshake(
    steps=(
        Await(
            characteristic=pairing.INDICATIONS,
            accepts=lambda frame: frame[:1] == bytes((pairing.PASSWORD,)) and len(frame) >= 5,
            timeout=timedelta(seconds=15),
            keep=PASSWORD,
            part=slice(1, 5),
        ),
        Send(characteristic=pairing.COMMANDS, make=_broadcast_id),
        *SYNC.steps,
    )
)
