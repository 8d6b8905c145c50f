"""A standard pulse oximeter: 0x1822 with spot checks and, while a finger is in, a running value."""

import asyncio
from collections.abc import Mapping

from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from device_profiles.gatt import plx_continuous, plx_spot
from device_profiles.gatt.ieee_11073 import Number, Special, decimal
from device_profiles.gatt.plx_status import MeasurementStatus, SensorStatus
from simulators.bluetooth.peripherals.attributes import Properties, measured_by, readable, settable
from simulators.bluetooth.peripherals.instrument import Taken
from simulators.bluetooth.peripherals.storing import StoringInstrument
from vitals.measure import Measure

# Measurement status, device status, spot checks are stored, with time stamps (PLX Features, 0x2A60).
_STATUS_BITS = int(MeasurementStatus.FULLY_QUALIFIED_DATA | MeasurementStatus.INVALID_MEASUREMENT)
_FEATURES = (0x000F).to_bytes(2, "little") + _STATUS_BITS.to_bytes(2, "little")
_NONE = Number(special=Special.NAN)


class Oximeter(StoringInstrument):
    """A spot check is indicated once the value is steady; meanwhile the running value is notified."""

    service = "1822"
    model = "Simulated oximeter"
    needs = (Measure.SPO2, Measure.HEART_RATE)
    _running: Characteristic[bytes] | None = None
    _finger_in = False

    @property
    def busy(self) -> bool:
        """Whether a finger is in."""
        return self._finger_in

    def measurement(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        spot = measured_by(server, plx_spot.UUID, Properties.INDICATE, secured=False)
        running = measured_by(server, plx_continuous.UUID, Properties.NOTIFY, secured=False)
        self._running = running
        clock = settable("2a2b", self.clock.read_current_time, self.clock.set_current_time, secured=False)
        return spot, [
            Service("1822", [spot, running, readable("2a60", _FEATURES)]),
            Service("1805", [clock]),
        ]

    def write(self, values: Mapping[Measure, float], *, failed: bool) -> Taken:
        time = self.clock.time()
        status = MeasurementStatus.INVALID_MEASUREMENT if failed else MeasurementStatus.FULLY_QUALIFIED_DATA
        sensor = SensorStatus.SENSOR_UNCONNECTED_TO_USER if failed else SensorStatus(0)
        said = plx_spot.PlxSpot(
            spo2=_NONE if failed else decimal(values[Measure.SPO2]),
            pulse=_NONE if failed else decimal(values[Measure.HEART_RATE]),
            time=time,
            status=int(status),
            sensor=int(sensor),
        )
        return Taken(frame=plx_spot.encode(said), device_time=time.text, values=values)

    async def hold_finger(
        self, values: Mapping[Measure, float], *, seconds: int, every_s: float = 1.0
    ) -> None:
        """Advertise, give a running value to whoever is subscribed, and make a spot check at the end."""
        self._finger_in = True
        await self.advertise()
        pair = plx_continuous.Pair(
            spo2=decimal(values[Measure.SPO2]), pulse=decimal(values[Measure.HEART_RATE])
        )
        running = plx_continuous.encode(
            plx_continuous.PlxContinuous(normal=pair, status=int(MeasurementStatus.MEASUREMENT_ONGOING))
        )
        try:
            for _ in range(seconds):
                await asyncio.sleep(every_s)
                if self._running is not None:
                    await self.notify(self._running, running)
        finally:
            self._finger_in = False
        await self.take(values)
