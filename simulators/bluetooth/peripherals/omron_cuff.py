"""An Omron cuff of the standard kind: its name says whether it pairs, and its advertisement what it holds.

Behaviour: StanfordSpezi/SpeziDevices (MIT), hass-omron issue threads; facts only.
"""

import struct
import time

from bumble.device import Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from device_profiles.gatt import blood_pressure
from device_profiles.uuids import full_uuid
from device_profiles.vendor import omron_advertisement
from simulators.bluetooth.advert import Advert
from simulators.bluetooth.peripherals.attributes import Properties, measured_by, notified_clock, readable
from simulators.bluetooth.peripherals.cuff import FEATURES, Cuff

_TAG = 0x01
_TIME_NOT_SET, _PAIRING, _STANDARD = 0x04, 0x08, 0x20
_PAIRING_S = 60.0


class OmronCuff(Cuff):
    """It pairs only in pairing mode: while nobody has paired it, and for a minute after the long press.

    Its name is `BLEsmart_` then, and `BLESmart_` otherwise, with model code and address behind.
    """

    manufacturer = "OMRON HEALTHCARE"
    model = "BP5250"
    _pairing_until_s = 0.0
    _time: Characteristic[bytes] | None = None

    @property
    def accepts_pairing(self) -> bool:
        """Whether it is in pairing mode."""
        return not self.memory.bonds or time.monotonic() < self._pairing_until_s

    @property
    def restless(self) -> bool:
        """Whether it has readings, or waits to be paired."""
        return super().restless or self.accepts_pairing

    async def press_long(self) -> None:
        """Put it into pairing mode."""
        self._pairing_until_s = time.monotonic() + _PAIRING_S
        await self.advertise()

    def advertisement(self) -> Advert:
        """The mode in the name, and one user's sequence number and record count."""
        mode = "BLEsmart_" if self.accepts_pairing else "BLESmart_"
        flags = _STANDARD | (_PAIRING if self.accepts_pairing else 0)
        flags |= _TIME_NOT_SET if self.memory.clock_error_s is None else 0
        counters = struct.pack("<BBHB", _TAG, flags, self.memory.sequence & 0xFFFF, min(self.remembers, 255))
        return Advert(
            name=mode + self.identity.name.partition("_")[2],
            uuids=(full_uuid(self.service),),
            manufacturer_data={omron_advertisement.COMPANY: counters},
        )

    def measurement(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        measurement = measured_by(server, blood_pressure.UUID, Properties.INDICATE, secured=True)
        time = self._time = notified_clock(server, self.clock.read_current_time, self.set_clock)
        time.on(time.EVENT_SUBSCRIPTION, self._on_clock_subscription)
        return measurement, [
            Service("1810", [measurement, readable("2a49", FEATURES)]),
            Service("1805", [time]),
        ]

    def set_clock(self, value: bytes) -> None:
        """A write to its clock. Raises att.ATT_Error."""
        self.clock.set_current_time(value)

    def _on_clock_subscription(self, _connection: Connection, notify: bool, _indicate: bool) -> None:
        if notify and self._time is not None:
            self.soon(self.notify(self._time, self.clock.read_current_time()))
