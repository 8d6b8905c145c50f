"""Cuffs with a protocol of their own: Microlife, Yonker, BPM-188."""

from datetime import timedelta

from device_profiles.handshake import Handshake, say
from device_profiles.profile import (
    Evidence,
    Layout,
    Profile,
    SessionEnd,
    Stored,
    Users,
    clock,
    notified,
    plain,
)
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import bpm188, microlife, yonker

_YONKER, _YONKER_OUT = "cdeacd80-5235-4c07-8846-93a37ee6b86d", "cdeacd81-5235-4c07-8846-93a37ee6b86d"

PROFILES = (
    Profile(
        name="microlife",
        family="Microlife",
        models=("Microlife BP A6 BT", "BP B3 BT", "BP B6 Connect", "WatchBP"),
        evidence=Evidence.PUBLISHED,
        source="blood-pressure-monitor-fl (facts)",
        recognition=Recognition(
            any_of=(Sign(names=(r"(?i)(microlife|(bp )?[ab][36] ?(bt|connect)|watchbp).*",)),),
            none_of=(Sign(services=("1810",)),),
            priority=33,
        ),
        known_as=r"Microlife",
        services=("fff0",),
        channels=(notified("fff1", microlife.decode_answer, assembler=microlife.answers),),
        layouts=(
            Layout(words=r"Microlife FFF0 memory dump", codec=plain(microlife.decode_dump), on=("fff1",)),
            Layout(words=r"Microlife response", codec=plain(microlife.decode_answer)),
            Layout(words=r"Microlife set-time", codec=plain(microlife.decode_set_time), on=("fff1", "fff2")),
        ),
        handshake=Handshake(steps=say("fff2", microlife.READ_MEMORY, response=False)),
        clock=clock("fff2", microlife.encode_clock),
        stored=Stored.VENDOR,
        users=Users.SLOTS,
        session_end=SessionEnd(idle=timedelta(seconds=8)),
        sentinels=("rows of zeros: empty slots",),
        quirks=("the mean pressure is not sent, and none is made up",),
    ),
    Profile(
        name="yonker_ibpa1",
        family="Yonker",
        models=("Yonker YK-IBPA1",),
        evidence=Evidence.CAPTURED,
        source="a capture in blood-pressure-monitor-fl",
        recognition=Recognition(any_of=(Sign(services=(_YONKER,)),), priority=34),
        known_as=r"Yonker",
        services=(_YONKER,),
        channels=(notified(_YONKER_OUT, yonker.decode),),
        quirks=("its service is one digit away from Jumper's",),
    ),
    Profile(
        name="bpm_188",
        family="BPM-188",
        models=("BPM-188",),
        evidence=Evidence.CONSTRUCTED,
        source="ble_monitor issue 1432",
        recognition=Recognition(any_of=(Sign(names=(r"BPM-188.*",)),), priority=35),
        known_as=r"BPM-188",
        channels=(notified("2af0", bpm188.decode),),
        quirks=("only the inflation is known, so that it never gives a reading",),
    ),
)
