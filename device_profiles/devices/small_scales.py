"""Scales with one small protocol each: Eufy, Vitafit, Koogeek, Etekcity."""

from datetime import timedelta

from device_profiles.handshake import Handshake, Reply, say
from device_profiles.profile import Broadcast, Evidence, Profile, SessionEnd, Units, notified, plain
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import eufy, small_scales

_WEIGH = SessionEnd(idle=timedelta(seconds=15))

PROFILES = (
    Profile(
        name="eufy_p2",
        family="Eufy",
        models=("Eufy P2 (T9148)", "Eufy P2 Pro (T9149)", "Eufy scales with CF frames"),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync",
        recognition=Recognition(
            any_of=(Sign(names=(r"(?i)eufy t914[89].*",)), Sign(company_data=(r"48ff.{12}cf.*",))),
            priority=70,
        ),
        known_as=r"Eufy|^CF protocol",
        services=("fff0",),
        broadcasts=(Broadcast(codec=plain(eufy.decode_broadcast), manufacturer_data=True),),
        layouts=eufy.LAYOUTS,
        units=Units.FIXED,
        quirks=(
            "streams only after a handshake that proves an app; what it broadcasts is enough for the weight",
        ),
    ),
    Profile(
        name="vitafit_vt701",
        family="Vitafit",
        models=("Vitafit VT701",),
        evidence=Evidence.CAPTURED,
        source="captures in openScale (facts)",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)vitafit.*",)),), priority=71),
        known_as=r"Vitafit|^5A",
        services=("fff0",),
        channels=(notified("fff1", small_scales.decode_vitafit),),
        handshake=Handshake(
            steps=say("fff2", *small_scales.VITAFIT_HELLO),
            replies=(Reply(characteristic="fff1", write_to="fff2", make=small_scales.vitafit_reply),),
        ),
        session_end=_WEIGH,
    ),
    Profile(
        name="koogeek_s1",
        family="Koogeek",
        models=("Koogeek S1",),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)koogeek.*",)),), priority=72),
        known_as=r"Koogeek|55AA55AA",
        services=("fff0",),
        channels=(notified("fff1", small_scales.decode_koogeek),),
        session_end=_WEIGH,
    ),
    Profile(
        name="etekcity_esf551",
        family="Etekcity",
        models=("Etekcity ESF-551",),
        evidence=Evidence.CONSTRUCTED,
        source="etekcity_esf551_ble (MIT)",
        recognition=Recognition(any_of=(Sign(names=(r"(?i).*etekcity.*",)),), priority=73),
        known_as=r"Etekcity|ESF-551",
        services=("fff0",),
        channels=(notified("fff1", small_scales.decode_etekcity),),
        session_end=_WEIGH,
    ),
)
