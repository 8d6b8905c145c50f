"""A blood-pressure cuff of the standard kind: Blood Pressure Service 0x1810, bonded, with a clock to set."""

from collections.abc import Mapping

from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from device_profiles.gatt import blood_pressure
from device_profiles.gatt.ieee_11073 import Number, Special, decimal
from device_profiles.units import Unit
from simulators.bluetooth.peripherals.attributes import Properties, measured_by, readable, settable
from simulators.bluetooth.peripherals.instrument import Taken
from simulators.bluetooth.peripherals.storing import StoringInstrument
from vitals.measure import Measure

# Body movement, irregular pulse and position can be detected (Blood Pressure Feature, 0x2A49).
FEATURES = (0x0025).to_bytes(2, "little")
_FAILED = Number(special=Special.NAN)


class Cuff(StoringInstrument):
    """Subscribing needs a bond; stored readings come by indication."""

    service = "1810"
    model = "Simulated cuff"
    needs = (Measure.SYSTOLIC, Measure.DIASTOLIC)

    def measurement(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        measurement = measured_by(server, blood_pressure.UUID, Properties.INDICATE, secured=True)
        clock = settable("2a08", self.clock.read_date_time, self.set_clock, secured=True)
        return measurement, [Service("1810", [measurement, readable("2a49", FEATURES), clock])]

    def set_clock(self, value: bytes) -> None:
        """A write to its clock. Raises att.ATT_Error."""
        self.clock.set_date_time(value)

    def write(self, values: Mapping[Measure, float], *, failed: bool) -> Taken:
        systolic, diastolic = values[Measure.SYSTOLIC], values[Measure.DIASTOLIC]
        # What an oscillometric cuff really measures is the mean; a third of the way up is the usual estimate.
        mean = values.get(Measure.MEAN_ARTERIAL_PRESSURE, diastolic + (systolic - diastolic) / 3)
        pulse = values.get(Measure.HEART_RATE)
        time = self.clock.time()
        said = blood_pressure.BloodPressure(
            unit=Unit.MMHG,
            systolic=_FAILED if failed else decimal(systolic),
            diastolic=_FAILED if failed else decimal(diastolic),
            mean=_FAILED if failed else decimal(mean),
            time=time,
            pulse=None if pulse is None or failed else decimal(pulse),
            status=int(blood_pressure.CuffStatus.BODY_MOVEMENT) if failed else 0,
        )
        return Taken(frame=blood_pressure.encode(said), device_time=time.text, values=values)
