"""Which simulated instrument stands for which family."""

from simulators.bluetooth.peripherals.cuff import Cuff
from simulators.bluetooth.peripherals.instrument import Identity, Instrument, Manners, Surroundings
from simulators.bluetooth.peripherals.oximeter import Oximeter
from simulators.bluetooth.peripherals.scale import Scale
from simulators.ward import Family

INSTRUMENTS: dict[Family, type[Instrument]] = {
    Family.CUFF: Cuff,
    Family.SCALE: Scale,
    Family.OXIMETER: Oximeter,
}


def make_instrument(
    family: Family, identity: Identity, surroundings: Surroundings, manners: Manners
) -> Instrument:
    """An instrument of the family, not yet on the air."""
    return INSTRUMENTS[family](identity, surroundings, manners)
