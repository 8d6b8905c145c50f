"""Devices that keep to the Bluetooth SIG's standards, whoever made them."""

from device_profiles.gatt import blood_pressure, current_time, date_time, plx_continuous, plx_spot, weight
from device_profiles.profile import (
    Bond,
    Channel,
    Clock,
    Delivery,
    Evidence,
    Profile,
    Stored,
    Users,
    plain,
)
from device_profiles.recognition import Recognition, Sign
from device_profiles.uuids import full_uuid

CUFF = Profile(
    name="standard_cuff",
    family="Blood Pressure Service",
    models=("any cuff with the Blood Pressure Service (0x1810)",),
    evidence=Evidence.CAPTURED,
    source="Blood Pressure Service 1.1.1",
    recognition=Recognition(any_of=(Sign(services=("1810",)),)),
    services=("1810",),
    channels=(
        Channel(
            characteristic=full_uuid(blood_pressure.UUID),
            by=Delivery.INDICATE,
            codec=plain(blood_pressure.decode),
        ),
    ),
    bond=Bond.REQUIRED,
    clock=Clock(characteristic=full_uuid(date_time.UUID), encode=date_time.encode_clock),
    stored=Stored.DUMP,
    users=Users.BYTE,
)

SCALE = Profile(
    name="standard_scale",
    family="Weight Scale Service",
    models=("any scale with the Weight Scale Service (0x181D)",),
    evidence=Evidence.CAPTURED,
    source="Weight Scale Service 1.0.1",
    recognition=Recognition(any_of=(Sign(services=("181d",)),)),
    services=("181d",),
    channels=(
        Channel(characteristic=full_uuid(weight.UUID), by=Delivery.INDICATE, codec=plain(weight.decode)),
    ),
    clock=Clock(characteristic=full_uuid(current_time.UUID), encode=current_time.encode_clock),
    stored=Stored.DUMP,
    users=Users.BYTE,
)

OXIMETER = Profile(
    name="standard_oximeter",
    family="Pulse Oximeter Service",
    models=("any oximeter with the Pulse Oximeter Service (0x1822)",),
    evidence=Evidence.CAPTURED,
    source="Pulse Oximeter Service 1.0.1",
    recognition=Recognition(any_of=(Sign(services=("1822",)),)),
    services=("1822",),
    channels=(
        Channel(
            characteristic=full_uuid(plx_spot.UUID),
            by=Delivery.INDICATE,
            codec=plain(plx_spot.decode),
            optional=True,
        ),
        Channel(
            characteristic=full_uuid(plx_continuous.UUID),
            by=Delivery.NOTIFY,
            codec=plain(plx_continuous.decode),
            optional=True,
            stream=True,
        ),
    ),
    clock=Clock(characteristic=full_uuid(current_time.UUID), encode=current_time.encode_clock),
)
