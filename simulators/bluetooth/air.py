"""What carries radio packets between the controllers of one home, and what goes wrong on the way."""

import asyncio
import random

from bumble import controller as software
from bumble import core, hci, link, ll

_NEAR_DBM, _FAR_DBM = -45, -78
_FADING_DBM = 3


class Air(link.LocalLink):
    """The radio space of one home: lossless and at once, except where a fault is set.

    Bumble's own link wakes every controller for every packet, answers from whatever random address a
    controller has, and never loses a link; this one does none of that.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._advert_loss: dict[hci.Address, float] = {}
        self._deaf: set[hci.Address] = set()

    def lose_adverts(self, address: hci.Address, share: float) -> None:
        """Drop this share, 0 to 1, of the advertisements of a device."""
        self._advert_loss[address] = share

    def lose_packets_to(self, address: hci.Address) -> None:
        """From now until its link is cut, nothing reaches a connected device, though it is heard."""
        self._deaf.add(address)

    def cut(self, address: hci.Address) -> None:
        """Lose the link of a device, as if somebody carried it out of range; both ends time out at once."""
        self._deaf.discard(address)
        for controller in list(self.controllers):
            for connection in list(controller.le_connections.values()):
                if address in (connection.self_address, connection.peer_address):
                    controller.on_le_disconnected(connection, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def rssi(self, address: hci.Address) -> int:
        """Received signal strength in dBm: a device stays where it is, and people walk about."""
        near_to_far = bytes(address)[0] / 255
        steady = _NEAR_DBM + (_FAR_DBM - _NEAR_DBM) * near_to_far
        return round(steady) + self._chance.randint(-_FADING_DBM, _FADING_DBM)

    def find_le_controller(self, address: hci.Address) -> software.Controller | None:
        """The controller with this address; addresses here are static."""
        for controller in self.controllers:
            if address in (controller.random_address, controller.public_address):
                return controller
        return None

    def send_advertising_pdu(self, sender_controller: software.Controller, packet: ll.AdvertisingPdu) -> None:
        """Advertisements reach who scans or wants to connect; a connection request reaches its advertiser."""
        if isinstance(packet, ll.ConnectInd):
            self._request_connection(sender_controller, packet)
            return
        loss = self._advert_loss.get(sender_controller.random_address, 0.0)
        if loss and self._chance.random() < loss:
            return
        loop = asyncio.get_running_loop()
        for controller in self.controllers:
            listens = controller.le_scan_enable or controller.pending_le_connection is not None
            if listens and controller is not sender_controller:
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def _request_connection(self, central: software.Controller, packet: ll.ConnectInd) -> None:
        loop = asyncio.get_running_loop()
        peripheral = self.find_le_controller(packet.advertiser_address)
        if peripheral is not None and peripheral.le_legacy_advertiser.enabled:
            loop.call_soon(peripheral.on_ll_advertising_pdu, packet)
        elif connection := central.le_connections.get(packet.advertiser_address):
            # It fell silent in between. A real link layer finds out after six missed events.
            missed = hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
            loop.call_soon(central.on_le_disconnected, connection, missed)

    def send_acl_data(
        self,
        sender_controller: software.Controller,
        destination_address: hci.Address,
        transport: core.PhysicalTransport,
        data: bytes,
    ) -> None:
        """Carry data over a link, if it still stands."""
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if connection is None or receiver is None or destination_address in self._deaf:
            return
        loop = asyncio.get_running_loop()
        loop.call_soon(_deliver, receiver, connection.self_address, transport, data)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Carry a control packet; to a controller that is gone it is lost, not an error."""
        receiver = self.find_le_controller(receiver_address)
        if receiver is not None:
            asyncio.get_running_loop().call_soon(_control, receiver, sender_address, packet)


def _deliver(
    receiver: software.Controller, sender: hci.Address, transport: core.PhysicalTransport, data: bytes
) -> None:
    if sender in receiver.le_connections:  # the link may have gone while the packet was on its way
        receiver.on_link_acl_data(sender, transport, data)


def _control(receiver: software.Controller, sender: hci.Address, packet: ll.ControlPdu) -> None:
    if sender in receiver.le_connections:
        receiver.on_ll_control_pdu(sender, packet)
