"""Small scales that only broadcast: Senssun, Xiaogui, Laica."""

from device_profiles.profile import Broadcast, Evidence, Profile, Units, plain
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import broadcast_scales

_SOURCE = "ble_monitor (MIT)"

PROFILES = (
    Profile(
        name="senssun",
        family="Senssun",
        models=("Senssun IF_B7",),
        evidence=Evidence.CAPTURED,
        source=_SOURCE,
        recognition=Recognition(any_of=(Sign(names=(r"(?i)(senssun|if_b7).*",)),), priority=60),
        known_as=r"Senssun",
        broadcasts=(Broadcast(codec=plain(broadcast_scales.decode_senssun), manufacturer_data=True),),
        units=Units.FIXED,
    ),
    Profile(
        name="xiaogui",
        family="Xiaogui",
        models=("Xiaogui TZC4", "Maxxmee QJ-J"),
        evidence=Evidence.CAPTURED,
        source=_SOURCE,
        recognition=Recognition(any_of=(Sign(company_data=(r"c0.{14}(20|21|24|25).{12}",)),), priority=61),
        known_as=r"Xiaogui",
        broadcasts=(Broadcast(codec=plain(broadcast_scales.decode_xiaogui), manufacturer_data=True),),
        units=Units.FIXED,
        quirks=("the model decides the divisor", "a company id that counts up with every frame"),
    ),
    Profile(
        name="laica",
        family="Laica",
        models=("Laica smart scale",),
        evidence=Evidence.CONSTRUCTED,
        source=_SOURCE,
        recognition=Recognition(any_of=(Sign(names=(r"(?i)(laica|yohealth).*",)),), priority=62),
        known_as=r"Laica",
        broadcasts=(Broadcast(codec=plain(broadcast_scales.decode_laica), manufacturer_data=True),),
        units=Units.FIXED,
        quirks=("values under a constant key", "the address is in front"),
    ),
)
