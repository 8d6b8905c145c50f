"""A weighing scale of the standard kind: Weight Scale Service 0x181D, with the time from 0x1805."""

from collections.abc import Mapping

from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from device_profiles.gatt import weight
from simulators.bluetooth.peripherals.attributes import Properties, measured_by, readable, settable
from simulators.bluetooth.peripherals.instrument import Taken
from simulators.bluetooth.peripherals.storing import StoringInstrument
from vitals.measure import Measure

# Time stamps, and a resolution of 0.005 kg (Weight Scale Feature, 0x2A9E).
_FEATURES = (0x00000001 | 7 << 3).to_bytes(4, "little")


class Scale(StoringInstrument):
    """Anybody may subscribe; weighings come by indication."""

    service = "181d"
    model = "Simulated scale"
    needs = (Measure.WEIGHT,)

    def measurement(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        measurement = measured_by(server, weight.UUID, Properties.INDICATE, secured=False)
        clock = settable("2a2b", self.clock.read_current_time, self.clock.set_current_time, secured=False)
        return measurement, [
            Service("181d", [measurement, readable("2a9e", _FEATURES)]),
            Service("1805", [clock]),
        ]

    def write(self, values: Mapping[Measure, float], *, failed: bool) -> Taken:
        time = self.clock.time()
        raw = weight.UNSUCCESSFUL if failed else weight.kilograms(values[Measure.WEIGHT])
        frame = weight.encode(weight.Weight(weight_raw=raw, time=time))
        return Taken(frame=frame, device_time=time.text, values=values)
