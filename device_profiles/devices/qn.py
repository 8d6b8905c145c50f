"""Scales of the QN protocol, sold under many names."""

from datetime import UTC, timedelta

from device_profiles.handshake import Handshake, Reply
from device_profiles.profile import Evidence, Profile, SessionEnd, Stored, Units, notified
from device_profiles.qn_dialogue import replies
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import qn

_SERVICES = ("ffe0", "fff0", "ae00")
_NAMES = (r"(?i)(qn|renpho|fitindex|arboleaf|sencor|seb)[-_ ]?scale.*", r"GE CS ?10.*")

PROFILES = (
    Profile(
        name="qn_scale",
        family="QN",
        models=(
            "Renpho ES-CS20M (QN revisions)",
            "Renpho ES-26M",
            "Renpho ES-30M, Elis 1",
            "GE CS 10 G",
            "Arboleaf",
            "FitIndex",
        ),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync, renpho-escs20m (MIT)",
        recognition=Recognition(any_of=(Sign(names=_NAMES, services=_SERVICES),), priority=50),
        known_as=r"^QN |QN/Renpho|GE CS ?10|ES-26M|ES-30M|Arboleaf|FitIndex",
        services=("ffe0", "fff0"),
        channels=(
            notified("ffe1", qn.decode, optional=True),
            notified("fff1", qn.decode, optional=True),
        ),
        handshake=Handshake(
            replies=(
                Reply(characteristic="ffe1", write_to="ffe3", make=replies, response=False),
                Reply(characteristic="fff1", write_to="fff2", make=replies, response=False),
            )
        ),
        stored=Stored.VENDOR,
        units=Units.FIXED,
        session_end=SessionEnd(idle=timedelta(seconds=20)),
        live_within=timedelta(seconds=90),
        zone=UTC,
        quirks=(
            "the announced divisor can be wrong: a weight that is nobody's is read with the other one",
            "a stored record looks like a live one, days old",
        ),
    ),
)
