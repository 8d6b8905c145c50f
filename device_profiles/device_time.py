"""What a device says the time is: its own wall clock, without a zone, possible or not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from device_profiles.fields import Fields

# GATT Specification Supplement, Date Time: the year is 1582 to 9999, or 0 for "not known".
_FIRST_YEAR, _LAST_YEAR = 1582, 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTime:
    """A date and time of day as a device stated them; zero in a date field means "not known".

    `seconds_known` is false for a device that counts whole minutes.
    """

    year: int
    month: int
    day: int
    hour: int = 0
    minute: int = 0
    second: int = 0
    seconds_known: bool = True

    @property
    def moment(self) -> datetime | None:
        """The same as a naive datetime; None where the date is unknown or impossible."""
        if not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            return None
        try:
            return datetime(self.year, self.month, self.day, self.hour, self.minute, self.second)  # noqa: DTZ001
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """As the device said it, in ISO 8601 order."""
        date = f"{self.year:04d}-{self.month:02d}-{self.day:02d}"
        minute = f"{date}T{self.hour:02d}:{self.minute:02d}"
        return f"{minute}:{self.second:02d}" if self.seconds_known else minute

    def fields(self) -> Fields:
        """`timestamp`, null where it is no possible time, and `timestamp_raw` as the device said it."""
        return {"timestamp": self.text if self.moment else None, "timestamp_raw": self.text}

    def measurements(self) -> tuple[()]:
        """A time alone measures nothing."""
        return ()


def device_time(moment: datetime) -> DeviceTime:
    """The device time of a wall clock; any zone on it is left out, as a device has none."""
    return DeviceTime(
        year=moment.year,
        month=moment.month,
        day=moment.day,
        hour=moment.hour,
        minute=moment.minute,
        second=moment.second,
    )


def seconds_since(epoch: datetime, seconds: int) -> DeviceTime:
    """The device time that a clock shows which counts seconds from a naive `epoch`."""
    return device_time(epoch + timedelta(seconds=seconds))
