"""How a session gets at a user of a scale with the User Data Service: consent, then a commit of its data.

Without the commit such scales send zeros in place of body composition (a BF788 in ble-scale-sync).
"""

from datetime import timedelta

from device_profiles.gatt import date_of_birth, user_control
from device_profiles.gatt.user_control import Op, Result, UserControl
from device_profiles.handshake import Await, Facts, Handshake, Read, Send

# Kept by the enrolment, where the patient reads the code off the scale: index, then the code, low byte first.
CONSENT = "consent"
# The counter of changes to the scale's user data.
CHANGE_INCREMENT = "change_increment"
_CHANGES = "2a99"


def _consent(facts: Facts) -> bytes:
    known = facts.kept.get(CONSENT)
    if known is None or len(known) != 3:
        return b""
    return user_control.consent(known[0], int.from_bytes(known[1:], "little"))


def _answers_consent(frame: bytes) -> bool:
    answer = user_control.decode(frame)
    return isinstance(answer, UserControl) and answer.op == Op.RESPONSE and answer.parameter[0] == Op.CONSENT


def refused(frame: bytes) -> Result | None:
    """Why the scale did not take the consent; None where it did, or the frame is no answer."""
    answer = user_control.decode(frame)
    if not isinstance(answer, UserControl) or answer.result in (None, Result.SUCCESS):
        return None
    return answer.result


def _birth_unchanged(facts: Facts) -> bytes:
    kept = facts.kept.get(date_of_birth.UUID)
    return kept if kept is not None and len(kept) == 4 else b""


def _next_change(facts: Facts) -> bytes:
    count = int.from_bytes(facts.kept.get(CHANGE_INCREMENT, b""), "little")
    return ((count + 1) & 0xFFFFFFFF).to_bytes(4, "little")


CONSENT_AND_COMMIT = Handshake(
    steps=(
        Send(characteristic=user_control.UUID, make=_consent),
        Await(
            characteristic=user_control.UUID,
            accepts=_answers_consent,
            timeout=timedelta(seconds=5),
            required=False,
        ),
        Read(characteristic=date_of_birth.UUID, keep=date_of_birth.UUID),
        Send(characteristic=date_of_birth.UUID, make=_birth_unchanged),
        Read(characteristic=_CHANGES, keep=CHANGE_INCREMENT),
        Send(characteristic=_CHANGES, make=_next_change),
    )
)
