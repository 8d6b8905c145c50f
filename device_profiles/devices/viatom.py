"""Viatom and Wellue rings and bands."""

from datetime import timedelta

from device_profiles.assembly import StreamAssembler
from device_profiles.handshake import Handshake, Poll
from device_profiles.profile import Evidence, Layout, Profile, SessionEnd, Stored, Units, notified, plain
from device_profiles.recognition import Recognition, Sign
from device_profiles.uuids import full_uuid
from device_profiles.vendor import oxyii, viatom

_SERVICE = "14839ac4-7d7e-415c-9a42-167340cf2339"
_WRITE, _ANSWERS = "8b00ace7-eb0b-49b0-bbe9-9aee0a26e1a3", "0734594a-a8e7-4b1a-a6b1-cd5243059a57"
_OXYII = "e8fb0001-a14b-98f9-831b-4e2941d01248"
_ASK = Poll(
    characteristic=full_uuid(_WRITE),
    value=viatom.encode(viatom.COMMAND, viatom.READ_VALUES),
    every=timedelta(seconds=2),
)


def _frames() -> StreamAssembler:
    return StreamAssembler(viatom.length_of, viatom.is_whole)


def _newer_frames() -> StreamAssembler:
    return StreamAssembler(oxyii.length_of, oxyii.is_whole)


PROFILES = (
    Profile(
        name="viatom_ring",
        family="Viatom",
        models=("Wellue O2Ring", "Checkme O2", "SleepU", "Oxylink"),
        evidence=Evidence.PUBLISHED,
        source="viatom-o2ring-ble (facts)",
        recognition=Recognition(any_of=(Sign(services=(_SERVICE,)),), priority=90),
        known_as=r"O2Ring(?!-S)|Checkme O2|SleepU|Oxylink",
        services=(_SERVICE,),
        channels=(notified(_ANSWERS, viatom.decode_values, assembler=_frames, stream=True),),
        layouts=(
            Layout(words=r"Viatom legacy reading", codec=plain(viatom.decode_values)),
            Layout(words=r"Viatom legacy command", codec=plain(viatom.decode_command), on=(_WRITE,)),
            Layout(words=r"Viatom real-time payload", codec=plain(viatom.decode_stream), on=(_ANSWERS,)),
            Layout(words=r"VLD", codec=plain(viatom.decode_record), on=("(file)",)),
        ),
        handshake=Handshake(polls=(_ASK,)),
        stored=Stored.VENDOR,
        units=Units.FIXED,
        session_end=SessionEnd(idle=timedelta(seconds=20)),
        sentinels=("0 while worn: calibrating", "0xFF, 0xFFFF in files: no finger"),
    ),
    Profile(
        name="viatom_o2ring_s",
        family="Viatom",
        models=("Wellue O2Ring-S",),
        evidence=Evidence.CONSTRUCTED,
        source="o2ring-s-protocol (MIT)",
        recognition=Recognition(any_of=(Sign(services=(_OXYII,)),), priority=91),
        known_as=r"O2Ring-S|OxyII",
        services=(_OXYII,),
        channels=(notified("e8fb0003-a14b-98f9-831b-4e2941d01248", oxyii.decode, assembler=_newer_frames),),
        quirks=("frames are read, values not yet", "0xE3 and 0xEE destroy and are never sent"),
    ),
)
