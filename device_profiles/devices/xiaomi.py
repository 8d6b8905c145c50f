"""Xiaomi's scales and thermometers, which measure into their advertisements and are never connected to."""

from datetime import UTC

from device_profiles.profile import Broadcast, Evidence, Profile, Units, Users, plain
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import mi_scale, xiaomi_objects

_BEACON = Broadcast(codec=xiaomi_objects.decode, service_data="fe95")


def _product(code: str, priority: int) -> Recognition:
    """By the product id behind the frame control, low byte first."""
    return Recognition(
        any_of=(Sign(service_data=("fe95",), service_bytes=(rf".{{4}}{code}.*",)),), priority=priority
    )


def _beacon(
    name: str, model: str, code: str, known_as: str, priority: int, evidence: Evidence, *quirks: str
) -> Profile:
    return Profile(
        name=name,
        family="Xiaomi, MiBeacon",
        models=(model,),
        evidence=evidence,
        source="xiaomi-ble (Apache-2.0), openScale and ble-scale-sync (facts)",
        recognition=_product(code, priority),
        known_as=known_as,
        broadcasts=(_BEACON,),
        units=Units.FIXED,
        users=Users.NONE,
        zone=UTC,
        quirks=quirks,
    )


_KEY = "encrypted: needs the owner's bind key and the address of the scale"

PROFILES = (
    Profile(
        name="mi_scale_1",
        family="Xiaomi Mi scales",
        models=("Xiaomi Mi Smart Scale (XMTZC01HM, XMTZC04HM)",),
        evidence=Evidence.PUBLISHED,
        source="openScale wiki, theengs decoder, ble_monitor (facts)",
        recognition=Recognition(any_of=(Sign(service_data=("181d",)),), priority=41),
        known_as=r"Mi scale v1|Mi Smart Scale v1",
        broadcasts=(Broadcast(codec=plain(mi_scale.decode_1), service_data="181d"),),
        quirks=("only the Mi app sets the clock", "the same weighing comes four to ten times"),
    ),
    Profile(
        name="mi_scale_2",
        family="Xiaomi Mi scales",
        models=("Xiaomi Mi Body Composition Scale (XMTZC02HM, XMTZC05HM)",),
        evidence=Evidence.CAPTURED,
        source="openScale issue 392, theengs decoder, ble_monitor (facts)",
        recognition=Recognition(any_of=(Sign(service_data=("181b",)),), priority=42),
        known_as=r"Mi scale v2|Mi Body Composition Scale v2",
        broadcasts=(Broadcast(codec=plain(mi_scale.decode_2), service_data="181b"),),
        sentinels=("impedance 0xFFFE: still measuring; 0xFFFD: failed",),
        quirks=("only the Mi app sets the clock", "the same weighing comes four to ten times"),
    ),
    _beacon(
        "xiaomi_s400", "Xiaomi Body Composition Scale S400", "d53b", r"\bS400\b", 43, Evidence.CAPTURED, _KEY
    ),
    _beacon("xiaomi_s200", "Xiaomi Smart Scale S200", "044c", r"\bS200\b", 44, Evidence.CAPTURED, _KEY),
    _beacon("xiaomi_s800", "Xiaomi Mijia Scale S800", "e251", r"\bS800\b", 45, Evidence.CONSTRUCTED, _KEY),
    _beacon(
        "xiaomi_t201",
        "Xiaomi thermometer MMC-T201-1",
        "db00",
        r"MMC-T201",
        46,
        Evidence.CONSTRUCTED,
        "body temperature is a fit of two sensor values, close only near 37",
    ),
    _beacon("xiaomi_w505", "Xiaomi thermometer MMC-W505", "9103", r"MMC-W505", 47, Evidence.CAPTURED),
)
