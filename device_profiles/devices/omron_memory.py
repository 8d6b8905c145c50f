"""Omron cuffs and scales whose readings are read out of EEPROM. Nothing is ever written there."""

from collections.abc import Callable

from device_profiles.measurement import Decoded
from device_profiles.profile import Evidence, Layout, Profile, Stored, Users, plain
from device_profiles.recognition import Recognition
from device_profiles.refusal import Refusal
from device_profiles.vendor import omron_records, omron_scale_records, omron_wlp

# What they advertise does not tell the layout of their records: the model is chosen at enrolment.
_BY_HAND = Recognition(any_of=(), priority=22)
_QUIRKS = (
    "one host at a time, with a key of sixteen bytes programmed in pairing mode",
    "an EEPROM write can damage settings or calibration: reading only",
)


def _memory(
    name: str,
    models: tuple[str, ...],
    known_as: str,
    record: Callable[[bytes], Decoded | Refusal],
    evidence: Evidence,
) -> Profile:
    return Profile(
        name=name,
        family="Omron, EEPROM",
        models=models,
        evidence=evidence,
        source="hass-omron (MIT), omblepy and openScale (facts)",
        recognition=_BY_HAND,
        known_as=known_as,
        layouts=(
            Layout(words=r"WLP EEPROM record", codec=plain(record), on=omron_wlp.FROM_DEVICE),
            Layout(words=r"WLP EEPROM clock", codec=plain(omron_records.decode_clock)),
            Layout(words=r"WLP frame", codec=plain(omron_wlp.decode), on=omron_wlp.TO_DEVICE),
        ),
        stored=Stored.VENDOR,
        users=Users.SLOTS,
        quirks=_QUIRKS,
    )


_CLASSIC = (r"HEM-714\dT|HEM-7382T|classic 14-byte", omron_records.decode_classic_14)
_CLASSIC_16 = (r"HEM-7361T|HEM-7342T|HEM-715[05]T|16-byte", omron_records.decode_classic_16)
_PACKED = (r"HEM-7600T|HEM-7322T|bit-packed", omron_records.decode_packed_14)
_SWAPPED = (r"HEM-6232T|HEM-7530T", omron_records.decode_packed_14_swapped)
_GUIDE = (r"HEM-9601T|HEM-9700T|HeartGuide|24-byte", omron_records.decode_heart_guide_24)
_SCALE_48 = (r"HBF-702T|KRD-703T|48-byte", omron_scale_records.decode_48)
_SCALE_32 = (r"HBF-22\dT|HBF-230T|32-byte", omron_scale_records.decode_32)

PROFILES = (
    _memory("omron_memory_14", ("Omron HEM-7142T2", "Omron HEM-7382T1"), *_CLASSIC, Evidence.CAPTURED),
    _memory(
        "omron_memory_16",
        ("Omron HEM-7361T (M500, M7)", "HEM-7342T (BP7450)", "HEM-7155T (M400, X4)", "HEM-7150T (BP7250)"),
        *_CLASSIC_16,
        Evidence.CONSTRUCTED,
    ),
    _memory(
        "omron_memory_packed", ("HEM-7600T (EVOLV, BP7000)", "HEM-7322T (M700)"), *_PACKED, Evidence.CAPTURED
    ),
    _memory(
        "omron_memory_swapped", ("HEM-6232T (RS7)", "HEM-7530T (Complete)"), *_SWAPPED, Evidence.CONSTRUCTED
    ),
    _memory("omron_heart_guide", ("Omron HeartGuide HEM-9601T, HEM-9700T",), *_GUIDE, Evidence.PUBLISHED),
    _memory("omron_memory_scale_48", ("Omron HBF-702T", "KRD-703T"), *_SCALE_48, Evidence.PUBLISHED),
    _memory(
        "omron_memory_scale_32", ("Omron HBF-222T", "HBF-227T", "HBF-230T"), *_SCALE_32, Evidence.PUBLISHED
    ),
)
