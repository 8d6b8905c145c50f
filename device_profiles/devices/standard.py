"""Devices that keep to the Bluetooth SIG's standards, whoever made them."""

from device_profiles.gatt import (
    blood_pressure,
    body_composition,
    current_time,
    date_time,
    intermediate_cuff,
    plx_continuous,
    plx_spot,
    weight,
)
from device_profiles.profile import Bond, Evidence, Profile, Stored, Users, clock, indicated, notified
from device_profiles.recognition import Recognition, Sign

_DATE_TIME = clock(date_time.UUID, date_time.encode_clock)
_CURRENT_TIME = clock(current_time.UUID, current_time.encode_clock)

PROFILES = (
    Profile(
        name="standard_cuff",
        family="Blood Pressure Service",
        models=("any cuff with the Blood Pressure Service (0x1810)",),
        evidence=Evidence.CAPTURED,
        source="Blood Pressure Service 1.1.1",
        recognition=Recognition(any_of=(Sign(services=("1810",)),), priority=4),
        known_as=r"boso medicus|consumer cuff|Medisana BU|Transtek TMB",
        services=("1810",),
        channels=(
            indicated(blood_pressure.UUID, blood_pressure.decode),
            notified(intermediate_cuff.UUID, intermediate_cuff.decode, optional=True),
        ),
        bond=Bond.REQUIRED,
        clock=_DATE_TIME,
        stored=Stored.DUMP,
        users=Users.BYTE,
        sentinels=("NaN in every pressure: the measurement failed, whatever the status bits say",),
    ),
    Profile(
        name="standard_scale",
        family="Weight Scale Service",
        models=("any scale with the Weight Scale Service (0x181D)",),
        evidence=Evidence.PUBLISHED,
        source="Weight Scale Service 1.0.1, Body Composition Service 1.0",
        recognition=Recognition(any_of=(Sign(services=("181d",)),), priority=3),
        services=("181d", "181b"),
        channels=(
            indicated(weight.UUID, weight.decode),
            indicated(body_composition.UUID, body_composition.decode, optional=True, inherits=True),
        ),
        clock=_CURRENT_TIME,
        stored=Stored.DUMP,
        users=Users.BYTE,
        sentinels=("0xFFFF: the measurement failed",),
    ),
    Profile(
        name="standard_oximeter",
        family="Pulse Oximeter Service",
        models=("any oximeter with the Pulse Oximeter Service (0x1822), as ChoiceMMed",),
        evidence=Evidence.CAPTURED,
        source="Pulse Oximeter Service 1.0.1",
        recognition=Recognition(any_of=(Sign(services=("1822",)),), priority=2),
        known_as=r"ChoiceMMed",
        services=("1822",),
        channels=(
            indicated(plx_spot.UUID, plx_spot.decode, optional=True),
            notified(plx_continuous.UUID, plx_continuous.decode, optional=True, stream=True),
        ),
        clock=_CURRENT_TIME,
    ),
)
