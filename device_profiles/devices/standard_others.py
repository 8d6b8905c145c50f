"""Thermometers, heart-rate straps and glucose meters that keep to the Bluetooth SIG's standards."""

from device_profiles.gatt import (
    current_time,
    glucose,
    glucose_context,
    heart_rate,
    record_access,
    temperature,
)
from device_profiles.profile import (
    Bond,
    Evidence,
    Profile,
    SessionEnd,
    Stored,
    clock,
    indicated,
    notified,
)
from device_profiles.racp import ALL_OR_NEW_RECORDS, procedure_ended
from device_profiles.recognition import Recognition, Sign

PROFILES = (
    Profile(
        name="standard_thermometer",
        family="Health Thermometer Service",
        models=("any thermometer with the Health Thermometer Service (0x1809)",),
        evidence=Evidence.PUBLISHED,
        source="Health Thermometer Service 1.0",
        recognition=Recognition(any_of=(Sign(services=("1809",)),), priority=1),
        services=("1809",),
        channels=(indicated(temperature.UUID, temperature.decode),),
        sentinels=("NaN, infinities: no value, HI, LO",),
    ),
    Profile(
        name="standard_heart_rate_strap",
        family="Heart Rate Service",
        models=("any strap with the Heart Rate Service (0x180D), as Polar, Wahoo, Garmin",),
        evidence=Evidence.PUBLISHED,
        source="Heart Rate Service 1.0",
        recognition=Recognition(any_of=(Sign(services=("180d",)),), priority=0),
        services=("180d",),
        channels=(notified(heart_rate.UUID, heart_rate.decode, stream=True),),
        sentinels=("0 beats, or no skin contact: no value",),
    ),
    Profile(
        name="standard_glucose_meter",
        family="Glucose Service",
        models=("any meter with the Glucose Service (0x1808), as Accu-Chek, GlucoMen",),
        evidence=Evidence.CAPTURED,
        source="Glucose Service 1.0.1; a meter in react-native-ble-plx issue 652",
        recognition=Recognition(any_of=(Sign(services=("1808",)),), priority=5),
        known_as=r"glucose meter|Accu-Chek|GlucoMen",
        services=("1808",),
        channels=(
            notified(glucose.UUID, glucose.decode),
            notified(glucose_context.UUID, glucose_context.decode, optional=True),
            indicated(record_access.UUID, record_access.decode),
        ),
        handshake=ALL_OR_NEW_RECORDS,
        bond=Bond.REQUIRED,
        clock=clock(current_time.UUID, current_time.encode_clock),
        stored=Stored.RACP,
        session_end=SessionEnd(closing=procedure_ended),
        sentinels=(
            "control solution is no reading of a person",
            "HI and LO are the ends of the range, 600 and 20 mg/dL, and say so",
        ),
    ),
)
