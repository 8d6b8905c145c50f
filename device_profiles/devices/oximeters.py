"""Oximeters that stream in a protocol of their own: Nonin, Jumper, Berry."""

from datetime import timedelta

from device_profiles.assembly import StreamAssembler
from device_profiles.profile import Evidence, Profile, SessionEnd, notified
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import berry, jumper, nonin

_STREAM = SessionEnd(idle=timedelta(seconds=10))
_BERRY, _BERRY_OUT = "49535343-fe7d-4ae5-8fa9-9fafd205e455", "49535343-1e4d-4bd9-ba61-23c647249616"
_NONIN, _NONIN_OUT = "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b", "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b"
_JUMPER, _JUMPER_OUT = "cdeacb80-5235-4c07-8846-93a37ee6b86d", "cdeacb81-5235-4c07-8846-93a37ee6b86d"


def _packets() -> StreamAssembler:
    return StreamAssembler(berry.length_of, berry.is_whole, largest=64)


PROFILES = (
    Profile(
        name="nonin_3230",
        family="Nonin",
        models=("Nonin 3230", "Nonin 3150 WristOx2"),
        evidence=Evidence.CONSTRUCTED,
        source="published layout; no public recording is known",
        recognition=Recognition(any_of=(Sign(services=(_NONIN,)),), priority=92),
        known_as=r"Nonin",
        services=(_NONIN,),
        channels=(notified(_NONIN_OUT, nonin.decode, stream=True),),
        session_end=_STREAM,
        sentinels=("SpO2 127, pulse 511: missing",),
    ),
    Profile(
        name="jumper_jpd500",
        family="Jumper",
        models=("Jumper JPD-500F", "JPD-500G"),
        evidence=Evidence.CONSTRUCTED,
        source="public write-ups; no public recording is known",
        recognition=Recognition(any_of=(Sign(services=(_JUMPER,)),), priority=93),
        known_as=r"Jumper|JPD-500",
        services=(_JUMPER,),
        channels=(notified(_JUMPER_OUT, jumper.decode, stream=True),),
        session_end=_STREAM,
        sentinels=("pulse 255, SpO2 127, zero: missing",),
    ),
    Profile(
        name="berry_bm1000",
        family="Berry BCI",
        models=("Berry BM1000 and clones",),
        evidence=Evidence.PUBLISHED,
        source="BCI Protocol V1.2, berry-oximeter (MIT)",
        recognition=Recognition(
            any_of=(Sign(names=(r"(?i)(berry|bm1000|bci).*",), services=(_BERRY,)),), priority=94
        ),
        known_as=r"Berry|BM1000|\bBCI\b",
        services=(_BERRY,),
        channels=(notified(_BERRY_OUT, berry.decode, assembler=_packets, stream=True),),
        session_end=_STREAM,
        sentinels=("pulse 255, SpO2 127: missing",),
        quirks=("a hundred packets a second, split and joined at will: the high bit finds the beginning",),
    ),
)
