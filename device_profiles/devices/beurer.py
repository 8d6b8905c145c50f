"""Beurer's cuffs: most keep to the standard; the BM85 has a dialect of its own."""

from device_profiles.gatt import blood_pressure, date_time
from device_profiles.profile import Bond, Evidence, Profile, Stored, Users, clock, indicated
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import beurer_cuff, sbm69

_CLOCK = clock(date_time.UUID, date_time.encode_clock)

PROFILES = (
    Profile(
        name="beurer_bm85",
        family="Beurer cuffs",
        models=("Beurer BM85",),
        evidence=Evidence.CAPTURED,
        source="captures in blood-pressure-monitor-fl",
        recognition=Recognition(any_of=(Sign(names=(r"(Beurer )?BM ?85.*",)),), priority=31),
        known_as=r"BM ?85|Beurer dialect",
        services=("1810",),
        channels=(indicated(blood_pressure.UUID, beurer_cuff.decode),),
        bond=Bond.REQUIRED,
        clock=_CLOCK,
        stored=Stored.DUMP,
        users=Users.BYTE,
        quirks=(
            "a user byte without its flag",
            "pulse and status with the high byte first",
            "a mean pressure of zero is absent",
        ),
    ),
    Profile(
        name="beurer_cuff",
        family="Beurer cuffs",
        models=("Beurer BM54", "Beurer BM64", "Beurer BM81", "Sanitas SBM"),
        evidence=Evidence.CONSTRUCTED,
        source="Blood Pressure Service 1.1.1; no recording of these models is known",
        recognition=Recognition(
            any_of=(Sign(names=(r"(Beurer )?BM ?(?!85)\d\d.*", r"SBM(?!69)\d\d.*"), services=("1810",)),),
            priority=30,
        ),
        known_as=r"BM54|BM64|BM81",
        services=("1810",),
        channels=(indicated(blood_pressure.UUID, blood_pressure.decode),),
        bond=Bond.REQUIRED,
        clock=_CLOCK,
        stored=Stored.DUMP,
        users=Users.BYTE,
    ),
    Profile(
        name="silvercrest_sbm69",
        family="Beurer cuffs",
        models=("SilverCrest SBM69",),
        evidence=Evidence.CONSTRUCTED,
        source="OpenMQTTGateway issue 806 for what it advertises; PyPI sbm69 for the layout",
        recognition=Recognition(any_of=(Sign(names=(r"SBM69.*",)),), priority=32),
        known_as=r"SBM69",
        services=("1810",),
        channels=(indicated(blood_pressure.UUID, sbm69.decode),),
        stored=Stored.DUMP,
        quirks=("plain integers where the standard has decimals",),
    ),
)
