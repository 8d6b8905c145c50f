"""A&D: standard services, and a cuff that must be left alone once after its first bond."""

from datetime import timedelta

from device_profiles.gatt import blood_pressure, date_time, temperature, weight
from device_profiles.profile import Bond, Evidence, Profile, SessionEnd, Stored, Users, clock, indicated
from device_profiles.recognition import Recognition, Sign

_VENDOR_SERVICE = "233bf000-5a34-1b6d-975c-000d5690abe4"
# It switches itself off about a minute after connecting, and advertises the same reading again until then.
_END = SessionEnd(idle=timedelta(seconds=2), reconnect_after=timedelta(seconds=40))
_CLOCK = clock(date_time.UUID, date_time.encode_clock, within=timedelta(seconds=5))
_QUIRKS = (
    "disconnect once after the first bond, or the cuff does not finish pairing",
    "indications may come before the subscription is confirmed",
)
_SOURCE = "blessed-android (MIT); no public recording of its frames is known"

PROFILES = (
    Profile(
        name="a_and_d_cuff",
        family="A&D",
        models=("A&D UA-651BLE", "A&D UM-212BLE"),
        evidence=Evidence.CONSTRUCTED,
        source=_SOURCE,
        recognition=Recognition(any_of=(Sign(names=(r"(A&D_)?U[AM]-\d+BLE.*",)),), priority=23),
        known_as=r"UA-651BLE|UM-212BLE",
        services=("1810", _VENDOR_SERVICE),
        channels=(indicated(blood_pressure.UUID, blood_pressure.decode),),
        bond=Bond.REQUIRED_THEN_DISCONNECT,
        clock=_CLOCK,
        stored=Stored.DUMP,
        users=Users.BYTE,
        session_end=_END,
        quirks=_QUIRKS,
    ),
    Profile(
        name="a_and_d_scale",
        family="A&D",
        models=("A&D UC-352BLE",),
        evidence=Evidence.CONSTRUCTED,
        source=_SOURCE,
        recognition=Recognition(any_of=(Sign(names=(r"(A&D_)?UC-\d+BLE.*",)),), priority=24),
        known_as=r"UC-352BLE",
        services=("181d", _VENDOR_SERVICE),
        channels=(indicated(weight.UUID, weight.decode),),
        bond=Bond.REQUIRED_THEN_DISCONNECT,
        clock=_CLOCK,
        stored=Stored.DUMP,
        session_end=_END,
        quirks=_QUIRKS,
    ),
    Profile(
        name="a_and_d_thermometer",
        family="A&D",
        models=("A&D UT-201BLE",),
        evidence=Evidence.CONSTRUCTED,
        source=_SOURCE,
        recognition=Recognition(any_of=(Sign(names=(r"(A&D_)?UT-?201BLE.*",)),), priority=25),
        known_as=r"UT-?201BLE",
        services=("1809",),
        channels=(indicated(temperature.UUID, temperature.decode),),
        bond=Bond.REQUIRED_THEN_DISCONNECT,
        clock=_CLOCK,
        session_end=_END,
    ),
)
