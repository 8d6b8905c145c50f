"""Masimo's fingertip oximeter."""

from datetime import timedelta

from device_profiles.assembly import StreamAssembler
from device_profiles.handshake import Handshake, say
from device_profiles.profile import Evidence, Layout, Profile, SessionEnd, Stored, Units, notified, plain
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import mightysat

_SERVICE = "54c21000-a720-4b4f-11e4-9fe20002a5d5"
_WRITE, _ANSWERS = "54c21001-a720-4b4f-11e4-9fe20002a5d5", "54c21002-a720-4b4f-11e4-9fe20002a5d5"


def _messages() -> StreamAssembler:
    return StreamAssembler(mightysat.length_of, mightysat.is_whole, largest=300)


PROFILES = (
    Profile(
        name="masimo_mightysat",
        family="Masimo",
        models=("Masimo MightySat",),
        evidence=Evidence.PUBLISHED,
        source="an unnamed public Swift client (facts)",
        recognition=Recognition(any_of=(Sign(services=(_SERVICE,)),), priority=96),
        known_as=r"MightySat",
        services=(_SERVICE,),
        channels=(notified(_ANSWERS, mightysat.decode, assembler=_messages, stream=True),),
        layouts=(Layout(words=r"MightySat command", codec=plain(mightysat.decode), on=(_WRITE,)),),
        handshake=Handshake(steps=say(_WRITE, mightysat.GET_INFO, mightysat.START_STREAM)),
        stored=Stored.VENDOR,
        units=Units.FIXED,
        session_end=SessionEnd(idle=timedelta(seconds=10)),
        quirks=("a message does not fit into one notification",),
    ),
)
