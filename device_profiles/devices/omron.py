"""Omron devices that speak the standard services; the case of a letter in the name is the mode."""

from datetime import timedelta

from device_profiles.gatt import blood_pressure, body_composition, current_time, record_access, weight
from device_profiles.profile import (
    Bond,
    Evidence,
    Layout,
    Profile,
    Stored,
    Users,
    clock,
    indicated,
    plain,
)
from device_profiles.recognition import Recognition, Sign
from device_profiles.vendor import omron_advertisement

_NAMES = (r"BLE[Ss]mart_[0-9A-Fa-f]{20}",)
_MEMORY = Sign(services=("ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b", "fe4a"))
# Written on the clock's first notification, and only where it is off by more than ten minutes.
_CLOCK = clock(current_time.UUID, current_time.encode_clock, tolerance=timedelta(minutes=10))
_LAYOUTS = (
    Layout(words=r"Omron local name", codec=plain(omron_advertisement.decode_name), on=("advertisement",)),
    Layout(
        words=r"Omron manufacturer data",
        codec=plain(omron_advertisement.decode_manufacturer_data),
        on=("advertisement",),
    ),
)
_QUIRKS = ("BLEsmart_ pairs, BLESmart_ transfers: never pair automatically outside pairing mode",)
PROFILES = (
    Profile(
        name="omron_cuff",
        family="Omron, standard services",
        models=("Omron BP5250", "Omron BP7000", "newer Omron cuffs with the Blood Pressure Service"),
        evidence=Evidence.CONSTRUCTED,
        source="SpeziDevices (MIT)",
        recognition=Recognition(
            any_of=(Sign(names=_NAMES, services=("1810",)),), none_of=(_MEMORY,), priority=21
        ),
        known_as=r"Omron BP5250|Omron BP7000|Omron BP/weight",
        services=("1810",),
        channels=(
            indicated(blood_pressure.UUID, blood_pressure.decode),
            indicated(record_access.UUID, record_access.decode, optional=True),
        ),
        layouts=_LAYOUTS,
        bond=Bond.REQUIRED,
        clock=_CLOCK,
        stored=Stored.DUMP,
        users=Users.ADVERTISED,
        news=omron_advertisement.mark,
        quirks=_QUIRKS,
    ),
    Profile(
        name="omron_scale",
        family="Omron, standard services",
        models=("Omron SC-150",),
        evidence=Evidence.CONSTRUCTED,
        source="SpeziDevices (MIT)",
        recognition=Recognition(
            any_of=(Sign(names=_NAMES, services=("181d", "181b")),), none_of=(_MEMORY,), priority=20
        ),
        known_as=r"Omron SC-150",
        services=("181d",),
        channels=(
            indicated(weight.UUID, weight.decode),
            indicated(body_composition.UUID, body_composition.decode, optional=True, inherits=True),
        ),
        layouts=_LAYOUTS,
        bond=Bond.REQUIRED,
        clock=_CLOCK,
        stored=Stored.DUMP,
        users=Users.ADVERTISED,
        news=omron_advertisement.mark,
        quirks=_QUIRKS,
    ),
)
