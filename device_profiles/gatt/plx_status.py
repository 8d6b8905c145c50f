"""The two status fields of the Pulse Oximeter Service 1.0.1, and what they mean for a reading."""

from dataclasses import dataclass
from enum import IntFlag

from device_profiles.fields import Fields
from vitals.reading import Quality


class MeasurementStatus(IntFlag):
    """Measurement Status, 16 bits; the lower five are reserved."""

    MEASUREMENT_ONGOING = 1 << 5
    EARLY_ESTIMATED_DATA = 1 << 6
    VALIDATED_DATA = 1 << 7
    FULLY_QUALIFIED_DATA = 1 << 8
    DATA_FROM_STORAGE = 1 << 9
    DEMO_DATA = 1 << 10
    TEST_DATA = 1 << 11
    CALIBRATION_ONGOING = 1 << 12
    MEASUREMENT_UNAVAILABLE = 1 << 13
    QUESTIONABLE_MEASUREMENT = 1 << 14
    INVALID_MEASUREMENT = 1 << 15


class SensorStatus(IntFlag):
    """Device and Sensor Status, 24 bits; the upper eight are reserved."""

    EXTENDED_DISPLAY_UPDATE = 1 << 0
    EQUIPMENT_MALFUNCTION = 1 << 1
    SIGNAL_PROCESSING_IRREGULARITY = 1 << 2
    INADEQUATE_SIGNAL = 1 << 3
    POOR_SIGNAL = 1 << 4
    LOW_PERFUSION = 1 << 5
    ERRATIC_SIGNAL = 1 << 6
    NONPULSATILE_SIGNAL = 1 << 7
    QUESTIONABLE_PULSE = 1 << 8
    SIGNAL_ANALYSIS_ONGOING = 1 << 9
    SENSOR_INTERFERENCE = 1 << 10
    SENSOR_UNCONNECTED_TO_USER = 1 << 11
    UNKNOWN_SENSOR_CONNECTED = 1 << 12
    SENSOR_DISPLACED = 1 << 13
    SENSOR_MALFUNCTIONING = 1 << 14
    SENSOR_DISCONNECTED = 1 << 15


_NO_VALUE = MeasurementStatus.MEASUREMENT_UNAVAILABLE | MeasurementStatus.INVALID_MEASUREMENT
_NOT_A_PERSON = MeasurementStatus.DEMO_DATA | MeasurementStatus.TEST_DATA
_OFF = (
    SensorStatus.NONPULSATILE_SIGNAL
    | SensorStatus.SENSOR_UNCONNECTED_TO_USER
    | SensorStatus.SENSOR_MALFUNCTIONING
    | SensorStatus.SENSOR_DISCONNECTED
)
_WEAK = (
    SensorStatus.EQUIPMENT_MALFUNCTION
    | SensorStatus.SIGNAL_PROCESSING_IRREGULARITY
    | SensorStatus.INADEQUATE_SIGNAL
    | SensorStatus.POOR_SIGNAL
    | SensorStatus.ERRATIC_SIGNAL
    | SensorStatus.QUESTIONABLE_PULSE
    | SensorStatus.SENSOR_INTERFERENCE
    | SensorStatus.UNKNOWN_SENSOR_CONNECTED
)
_UNSETTLED = (
    MeasurementStatus.EARLY_ESTIMATED_DATA
    | MeasurementStatus.CALIBRATION_ONGOING
    | MeasurementStatus.QUESTIONABLE_MEASUREMENT
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the status fields allow a value to be used for."""

    failure: str | None
    withheld: str | None
    quality: frozenset[Quality]
    stored: bool


def judge(status: int, sensor: int) -> Verdict:
    """The gate in front of the value: an oximeter shows a number even where it trusts none."""
    quality: set[Quality] = set()
    if sensor & SensorStatus.LOW_PERFUSION:
        quality.add(Quality.LOW_PERFUSION)
    if sensor & SensorStatus.SENSOR_DISPLACED:
        quality.add(Quality.POOR_CONTACT)
    if status & _UNSETTLED or sensor & _WEAK:
        quality.add(Quality.QUESTIONABLE)
    unusable = status & _NO_VALUE or sensor & _OFF
    words = [*status_words(status & _NO_VALUE), *sensor_words(sensor & _OFF)]
    return Verdict(
        failure=f"no usable signal ({', '.join(words)})" if unusable else None,
        withheld="demonstration or test data" if status & _NOT_A_PERSON else None,
        quality=frozenset(quality),
        stored=bool(status & MeasurementStatus.DATA_FROM_STORAGE),
    )


def status_words(status: int) -> list[str]:
    """The set bits of the measurement status in words."""
    return [flag.name.lower() for flag in MeasurementStatus if flag.name and status & flag]


def sensor_words(sensor: int) -> list[str]:
    """The set bits of the device and sensor status in words."""
    return [flag.name.lower() for flag in SensorStatus if flag.name and sensor & flag]


def status_fields(status: int | None, sensor: int | None) -> Fields:
    """Both in words, where the frame has them."""
    said: Fields = {}
    if status is not None:
        said["status"] = [*status_words(status)]
        said["status_raw"] = status
    if sensor is not None:
        said["device_status"] = [*sensor_words(sensor)]
        said["device_status_raw"] = sensor
    return said
