"""Contec's finger oximeters, and EMAY's ring with almost the same frames."""

from datetime import timedelta

from device_profiles.handshake import Handshake, say
from device_profiles.profile import Evidence, Layout, Profile, SessionEnd, Units, notified, plain
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import contec

_STREAM = SessionEnd(idle=timedelta(seconds=10))
_OPENING = Handshake(steps=say("ff01", *contec.OPENING, response=False))
_COMMANDS = (Layout(words=r"start stream", codec=plain(contec.decode_command), on=("ff01",)),)

PROFILES = (
    Profile(
        name="contec_cms50",
        family="Contec",
        models=("Contec CMS50D-BT",),
        evidence=Evidence.CAPTURED,
        source="OxiVis issue 2",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)cms50.*",)),), priority=95),
        known_as=r"Contec CMS|CMS50",
        services=("ff12",),
        channels=(notified("ff02", contec.decode, stream=True),),
        layouts=_COMMANDS,
        handshake=_OPENING,
        units=Units.FIXED,
        session_end=_STREAM,
        sentinels=("0 and 255: missing",),
    ),
    Profile(
        name="emay_sleepo2",
        family="Contec",
        models=("EMAY SleepO2",),
        evidence=Evidence.PUBLISHED,
        source="emay-sleepo2 (MIT)",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)sleepo2.*",)),), priority=89),
        known_as=r"EMAY|SleepO2|Contec-family",
        services=("ff12",),
        channels=(notified("ff02", contec.decode_emay, stream=True),),
        handshake=_OPENING,
        units=Units.FIXED,
        session_end=_STREAM,
        sentinels=("0 and 255: missing",),
    ),
)
