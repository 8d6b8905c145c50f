"""More scales on service FFB0: the same eight bytes with other divisors and units, and two of their own."""

from datetime import timedelta

from device_profiles.handshake import Handshake, say
from device_profiles.profile import Evidence, Profile, SessionEnd, Units, indicated, notified
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import ac02, small_scales

_WEIGH = SessionEnd(idle=timedelta(seconds=15))
_OPENING = Handshake(
    steps=say("ffb1", ac02.encode(0xF7), ac02.encode(0xFA), ac02.encode(0xFE, 6, 1), response=False)
)

PROFILES = (
    Profile(
        name="mgb",
        family="LeFu AC02",
        models=("SWAN, Icomon, YG scales (MGB)", "Dr Trust Smart 505"),
        evidence=Evidence.CAPTURED,
        source="captures in openScale (facts)",
        recognition=Recognition(
            any_of=(Sign(names=(r"(?i)(swan|icomon|yg).*",), services=("ffb0",)),), priority=54
        ),
        known_as=r"\bMGB\b|AC02.*divisor 100",
        services=("ffb0",),
        channels=(notified("ffb2", ac02.decode_hundredths),),
        handshake=_OPENING,
        units=Units.FIXED,
        session_end=_WEIGH,
    ),
    Profile(
        name="fittrack_dara",
        family="LeFu AC02",
        models=("FitTrack Dara",),
        evidence=Evidence.CONSTRUCTED,
        source="captures in openScale (facts)",
        recognition=Recognition(any_of=(Sign(names=(r"(?i)fittrack.*",)),), priority=56),
        known_as=r"FitTrack|AC02.*display-unit",
        services=("ffb0",),
        channels=(notified("ffb2", ac02.decode_display_unit),),
        handshake=_OPENING,
        units=Units.CONFIGURED,
        session_end=_WEIGH,
        quirks=("the value is in the unit of the display, which the frame does not say: no reading",),
    ),
    Profile(
        name="taylor_bia",
        family="Icomon AC27",
        models=("Taylor 5331891 BIA",),
        evidence=Evidence.CAPTURED,
        source="captures in openScale (facts)",
        recognition=Recognition(any_of=(Sign(names=(r"5331891.*", r"(?i).*bia scale.*")),), priority=57),
        known_as=r"Taylor",
        services=("ffb0",),
        channels=(notified("ffb2", small_scales.decode_taylor),),
        handshake=_OPENING,
        session_end=_WEIGH,
    ),
    Profile(
        name="robi_s9",
        family="FitDays A2/A3",
        models=("Robi S9",),
        evidence=Evidence.CAPTURED,
        source="captures in ble-scale-sync",
        recognition=Recognition(any_of=(Sign(names=(r"(?i).*robi.*",), services=("ffb0",)),), priority=58),
        known_as=r"Robi",
        services=("ffb0",),
        channels=(indicated("ffb3", small_scales.decode_robi),),
        session_end=_WEIGH,
        quirks=("wants a handshake whose check is not understood: weighs only where an app has opened it",),
    ),
)
