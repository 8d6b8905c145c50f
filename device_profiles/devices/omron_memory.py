"""Omron cuffs whose readings are read out of EEPROM, block by block. Nothing is ever written there."""

from device_profiles.memory_profiles import memory_profile
from device_profiles.profile import Evidence
from device_profiles.vendor import omron_records as records
from device_profiles.vendor.omron_memory import Memory


def _classic(*users: int, slots: int) -> Memory:
    return Memory(users=users, slots=slots, record=16, block=0x10, decode=records.decode_classic_16)


PROFILES = (
    memory_profile(
        "omron_7142t2",
        ("Omron HEM-7142T2", "Omron HEM-7382T1, its clock"),
        r"HEM-714\dT|HEM-7382T|classic 14-byte",
        Memory(users=(), slots=0, record=14, block=0x10, decode=records.decode_classic_14),
        Evidence.CAPTURED,
    ),
    memory_profile(
        "omron_7600t",
        ("Omron HEM-7600T (EVOLV, BP7000)",),
        r"HEM-7600T|bit-packed",
        Memory(users=(0x02AC,), slots=100, record=14, block=0x38, decode=records.decode_packed_14),
        Evidence.CAPTURED,
    ),
    memory_profile(
        "omron_7322t",
        ("Omron HEM-7322T (M700, M6, BP786)",),
        r"HEM-7322T",
        Memory(users=(0x02AC, 0x0824), slots=100, record=14, block=0x38, decode=records.decode_packed_14),
    ),
    memory_profile(
        "omron_6232t",
        ("Omron HEM-6232T (RS7, BP6350)",),
        r"HEM-6232T",
        Memory(
            users=(0x02E8, 0x0860), slots=100, record=14, block=0x38, decode=records.decode_packed_14_swapped
        ),
    ),
    memory_profile(
        "omron_7530t",
        ("Omron HEM-7530T (Complete, BP7900), its pressures only",),
        r"HEM-7530T",
        Memory(users=(0x02E8,), slots=90, record=14, block=0x10, decode=records.decode_packed_14_swapped),
    ),
    memory_profile(
        "omron_7361t",
        ("Omron HEM-7361T (M500, M7)", "Omron HEM-7342T (BP7450)"),
        r"HEM-7361T|HEM-7342T|16-byte",
        _classic(0x0098, 0x06D8, slots=100),
    ),
    memory_profile(
        "omron_7155t",
        ("Omron HEM-7155T (M400, M4, X4, BP7350)",),
        r"HEM-7155T",
        _classic(0x0098, 0x0458, slots=60),
    ),
    memory_profile("omron_7150t", ("Omron HEM-7150T (BP7250)",), r"HEM-7150T", _classic(0x0098, slots=60)),
    memory_profile(
        "omron_heart_guide",
        ("Omron HeartGuide HEM-9601T, HEM-9700T",),
        r"HEM-9601T|HEM-9700T|HeartGuide|24-byte",
        Memory(users=(), slots=0, record=24, block=0x10, decode=records.decode_heart_guide_24),
        Evidence.PUBLISHED,
    ),
)
