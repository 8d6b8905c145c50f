"""Scales by LeFu: the 0x55AA protocol, and the AC02 frames of service FFB0, sold under many names."""

from datetime import timedelta

from device_profiles.assembly import StreamAssembler
from device_profiles.handshake import Handshake, Reply, say
from device_profiles.profile import Evidence, Profile, SessionEnd, Stored, Units, indicated, notified
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import ac02, lefu

_WEIGH = SessionEnd(idle=timedelta(seconds=15))


def _frames() -> StreamAssembler:
    return StreamAssembler(lefu.length_of, lefu.is_whole, largest=128)


_AC02_OPENING = say(
    "ffb1",
    ac02.encode(0xFA, 1),
    ac02.encode(0xFC, 1),
    ac02.encode(0xFE, 6),
    response=False,
)

PROFILES = (
    Profile(
        name="lefu_55aa",
        family="LeFu 0x55AA",
        models=("Renpho ES-26BB", "Renpho R-MSC04", "Renpho ES-CS20M (0x55AA revisions)"),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync, renpho-escs20m (MIT)",
        recognition=Recognition(
            any_of=(Sign(names=(r"(?i)(es-26bb|es-cs20m|es-32md|r-msc0\d).*",)), Sign(services=("1a10",))),
            priority=52,
        ),
        known_as=r"55AA \(LeFu\)|R-MSC04|ES-26BB",
        services=("1a10",),
        channels=(
            notified("2a10", lefu.decode, assembler=_frames),
            indicated("2a12", lefu.decode, optional=True),
        ),
        handshake=Handshake(
            steps=say("2a11", lefu.START),
            replies=(Reply(characteristic="2a10", write_to="2a11", make=lefu.acknowledge_stored),),
        ),
        stored=Stored.VENDOR,
        units=Units.FIXED,
        session_end=_WEIGH,
        quirks=("a stored record comes again on every connection until it is acknowledged",),
    ),
    Profile(
        name="hutbit",
        family="LeFu AC02",
        models=("Hutbit Smart Scale",),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)hutbit.*",)),), priority=55),
        known_as=r"Hutbit",
        services=("ffb0",),
        channels=(notified("ffb2", ac02.decode_tenths),),
        handshake=Handshake(steps=_AC02_OPENING),
        session_end=_WEIGH,
        quirks=("the frame of the other AC02 scales, with another divisor: the name decides",),
    ),
)
