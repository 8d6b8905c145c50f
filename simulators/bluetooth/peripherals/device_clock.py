"""The clock inside a simulated instrument: a local wall clock that runs right, and may stand wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from bumble import att

from device_profiles.device_time import DeviceTime, device_time
from device_profiles.gatt import current_time, date_time
from device_profiles.refusal import Refusal
from simulators.bluetooth.memory import InstrumentMemory
from simulators.bluetooth.peripherals.attributes import DATA_FIELD_IGNORED

_NEVER_SET = DeviceTime(year=0, month=0, day=0)


class DeviceClock:
    """How wrong it stands is kept in the instrument's memory."""

    def __init__(
        self,
        memory: InstrumentMemory,
        *,
        now: Callable[[], datetime],
        zone: tzinfo,
        save: Callable[[], None],
    ) -> None:
        self._memory = memory
        self._now = now
        self._zone = zone
        self._save = save
        self.refuses = False
        """Whether it answers every attempt to set it with "data field ignored"."""

    def _wall(self) -> datetime:
        return self._now().astimezone(self._zone).replace(tzinfo=None)

    def time(self) -> DeviceTime:
        """What it shows; all zeros where nobody ever set it."""
        error_s = self._memory.clock_error_s
        return _NEVER_SET if error_s is None else device_time(self._wall() + timedelta(seconds=error_s))

    def disturb(self, error: timedelta | None) -> None:
        """Make it wrong by this much; None: as if the battery had been taken out."""
        self._memory.clock_error_s = None if error is None else error.total_seconds()
        self._save()

    def set_date_time(self, value: bytes) -> None:
        """A write to 0x2A08. Raises att.ATT_Error."""
        self._set(date_time.decode(value))

    def set_current_time(self, value: bytes) -> None:
        """A write to 0x2A2B. Raises att.ATT_Error."""
        said = current_time.decode(value)
        self._set(said if isinstance(said, Refusal) else said.time)

    def read_date_time(self) -> bytes:
        """The value of 0x2A08."""
        return date_time.encode(self.time())

    def read_current_time(self) -> bytes:
        """The value of 0x2A2B."""
        return current_time.encode(current_time.CurrentTime(time=self.time()))

    def _set(self, said: DeviceTime | Refusal) -> None:
        moment = None if isinstance(said, Refusal) else said.moment
        if moment is None or self.refuses:
            raise att.ATT_Error(DATA_FIELD_IGNORED)
        # A second is the finest that Date Time says; the part of it that has passed is no error.
        self._memory.clock_error_s = (moment - self._wall().replace(microsecond=0)).total_seconds()
        self._save()
