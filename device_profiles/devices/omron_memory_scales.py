"""Omron body composition scales whose readings are read out of EEPROM, as those of the cuffs."""

from device_profiles.memory_profiles import memory_profile
from device_profiles.profile import Evidence
from device_profiles.vendor import omron_scale_records as records
from device_profiles.vendor.omron_memory import Memory

PROFILES = (
    memory_profile(
        "omron_hbf_702t",
        ("Omron HBF-702T", "Omron KRD-703T"),
        r"HBF-702T|KRD-703T|48-byte",
        Memory(
            users=(0x02C0, 0x0890, 0x0E60, 0x1430), slots=30, record=48, block=0x30, decode=records.decode_48
        ),
        Evidence.PUBLISHED,
    ),
    memory_profile(
        "omron_hbf_227t",
        ("Omron HBF-222T", "Omron HBF-227T", "Omron HBF-230T"),
        r"HBF-22\dT|HBF-230T|32-byte",
        Memory(
            users=(0x02C0, 0x06A0, 0x0A80, 0x0E60), slots=30, record=32, block=0x20, decode=records.decode_32
        ),
        Evidence.PUBLISHED,
    ),
)
