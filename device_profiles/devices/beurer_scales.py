"""Beurer's and Sanitas' scales: those with user slots behind a consent code, and the older E7 protocol."""

from datetime import timedelta

from device_profiles.assembly import PartAssembler
from device_profiles.consent import CONSENT_AND_COMMIT
from device_profiles.gatt import body_composition, current_time, user_control, weight
from device_profiles.handshake import Handshake, Reply
from device_profiles.profile import (
    Bond,
    Evidence,
    Profile,
    SessionEnd,
    Stored,
    Users,
    clock,
    indicated,
    notified,
)
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import beurer_e7

_SBF72 = Sign(names=(r"(Sanitas )?SBF7[23].*",))


def _parts() -> PartAssembler:
    return PartAssembler(beurer_e7.part_of, beurer_e7.join)


PROFILES = (
    Profile(
        name="beurer_bf",
        family="Beurer consent scales",
        models=("Beurer BF720", "BF105", "BF500", "BF788", "BF950"),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync",
        recognition=Recognition(
            any_of=(Sign(names=(r"(Beurer )?BF ?(720|105|500|788|950|600|915).*",)),),
            none_of=(_SBF72,),
            priority=36,
        ),
        known_as=r"BF720|BF788|Beurer \(lb",
        services=("181d", "181b", "181c"),
        channels=(
            indicated(weight.UUID, weight.decode),
            indicated(body_composition.UUID, body_composition.decode, inherits=True),
            indicated(user_control.UUID, user_control.decode),
        ),
        handshake=CONSENT_AND_COMMIT,
        bond=Bond.REQUIRED,
        clock=clock(current_time.UUID, current_time.encode_clock),
        stored=Stored.DUMP,
        users=Users.CONSENT,
        session_end=SessionEnd(idle=timedelta(seconds=15)),
        sentinels=("composition of zeros: a placeholder beside back-dated weights",),
        quirks=("a change of batteries wipes the users", "a negative match: SBF72 has no such code"),
    ),
    Profile(
        name="beurer_e7",
        family="Beurer E7",
        models=("Beurer BF710", "Sanitas SBF70", "SBF75"),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync",
        recognition=Recognition(
            any_of=(Sign(names=(r"(?i)(beurer )?bf710.*", r"(?i)(sanitas )?sbf7[05].*")),), priority=37
        ),
        known_as=r"BF710|SBF70",
        services=("ffe0",),
        channels=(notified("ffe1", beurer_e7.decode, assembler=_parts, agreeing=3, tolerance=0.3),),
        handshake=Handshake(
            replies=(
                Reply(characteristic="ffe1", write_to="ffe1", make=lambda frame, _: beurer_e7.replies(frame)),
            )
        ),
        session_end=SessionEnd(idle=timedelta(seconds=15)),
        quirks=("each part must be acknowledged", "the first live weight can be nonsense: three must agree"),
    ),
)
