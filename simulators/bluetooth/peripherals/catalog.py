"""Which simulated instrument speaks which device profile."""

from simulators.bluetooth.peripherals.a_and_d_cuff import AAndDCuff
from simulators.bluetooth.peripherals.berry_oximeter import BerryOximeter
from simulators.bluetooth.peripherals.beurer_scale import BeurerScale
from simulators.bluetooth.peripherals.cuff import Cuff
from simulators.bluetooth.peripherals.glucose_meter import GlucoseMeter
from simulators.bluetooth.peripherals.instrument import Identity, Instrument, Manners, Surroundings
from simulators.bluetooth.peripherals.mi_scale import MiScale
from simulators.bluetooth.peripherals.omron_cuff import OmronCuff
from simulators.bluetooth.peripherals.oximeter import Oximeter
from simulators.bluetooth.peripherals.qn_scale import QnScale
from simulators.bluetooth.peripherals.scale import Scale
from vitals.errors import HubError

INSTRUMENTS: dict[str, type[Instrument]] = {
    "standard_cuff": Cuff,
    "standard_scale": Scale,
    "standard_oximeter": Oximeter,
    "standard_glucose_meter": GlucoseMeter,
    "a_and_d_cuff": AAndDCuff,
    "omron_cuff": OmronCuff,
    "beurer_bf": BeurerScale,
    "mi_scale_2": MiScale,
    "qn_scale": QnScale,
    "berry_bm1000": BerryOximeter,
}


class NotSimulated(HubError):
    """No simulated instrument speaks this profile."""

    def __init__(self, profile: str) -> None:
        self.profile = profile
        known = ", ".join(sorted(INSTRUMENTS))
        super().__init__(f"No device of the profile {profile!r} can be simulated: choose from {known}.")


def make_instrument(
    profile: str, identity: Identity, surroundings: Surroundings, manners: Manners
) -> Instrument:
    """An instrument of the profile, not yet on the air. Raises NotSimulated."""
    if profile not in INSTRUMENTS:
        raise NotSimulated(profile)
    return INSTRUMENTS[profile](identity, surroundings, manners)
