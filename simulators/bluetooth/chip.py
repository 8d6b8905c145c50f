"""How a simulated radio is put together: controller, host and Bumble device on the air of a home."""

from dataclasses import dataclass

from bumble import hci
from bumble.device import Device, DeviceConfiguration
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from simulators.bluetooth.air import Air
from simulators.bluetooth.controller import AirController
from simulators.bluetooth.memory import BondStore

# The two highest bits of a static random address are set (Core specification, volume 6 part B, 1.3.2.1).
_STATIC_RANDOM = 0xC0


def hci_address(text: str) -> hci.Address:
    """The address; static random where its two highest bits say so, else public."""
    random = int(text[:2], 16) & _STATIC_RANDOM == _STATIC_RANDOM
    kind = hci.AddressType.RANDOM_DEVICE if random else hci.AddressType.PUBLIC_DEVICE
    return hci.Address(text, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A radio: its controller on the air, and the Bumble device that runs on it."""

    controller: AirController
    device: Device
    address: hci.Address
    bonds: BondStore

    @property
    def own_address_type(self) -> hci.OwnAddressType:
        """Which of its addresses it uses on the air."""
        return hci.OwnAddressType.PUBLIC if self.address.is_public else hci.OwnAddressType.RANDOM

    async def power_off(self) -> None:
        """Stop everything that runs on it, and take it off the air."""
        self.controller.detach()
        await self.device.power_off()


async def power_on(name: str, address: hci.Address, air: Air, bonds: BondStore) -> Chip:
    """A radio that is ready to be used; add services before it advertises."""
    controller = AirController(name, air, address)
    configuration = DeviceConfiguration(name=name, scan_response_data=b"")
    if address.is_random:
        configuration.address = address
    device = Device(config=configuration, host=Host(controller, AsyncPipeSink(controller)))
    device.keystore = bonds
    await device.power_on()
    return Chip(controller=controller, device=device, address=address, bonds=bonds)
