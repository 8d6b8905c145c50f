"""Bumble's software controller, with what it leaves undone done."""

import asyncio

from bumble import controller as software
from bumble import hci, ll

from simulators.bluetooth.air import Air

_INTERVAL_UNIT_MS = 0.625
_ACTIVE = 1
_ADV_IND = 0x00
_Event = hci.HCI_LE_Advertising_Report_Event
_NOT_OURS = (
    hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
    | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    | hci.LeFeatureMask.LL_PRIVACY
)


class AirController(software.Controller):
    """One radio chip on the air of a home.

    Bumble 0.0.236 answers LE Create Connection Cancel and forgets nothing, so that every later connection is
    refused; counts the legacy advertising interval in milliseconds; repeats each advertisement as its scan
    response; sends nothing unless connectable; and fails where a link ends twice. The features are those of
    a plain Bluetooth 4.2 instrument.
    """

    le_features = software.Controller.le_features & ~_NOT_OURS

    def __init__(self, name: str, air: Air, address: hci.Address) -> None:
        super().__init__(name, link=air, public_address=address if address.is_public else None)
        self._air = air
        self.le_legacy_advertiser = _Advertiser(self)

    def detach(self) -> None:
        """Take the chip off the air."""
        self.le_legacy_advertiser.stop()
        self._air.controllers.discard(self)

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_SyncCommand[hci.HCI_StatusReturnParameters]
    ) -> hci.HCI_StatusReturnParameters:
        """Core specification, volume 4 part E, 7.8.13: the connection completes as unknown."""
        pending = self.pending_le_connection
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        self.pending_le_connection = None
        failed = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        # After the command has completed.
        asyncio.get_running_loop().call_soon(self.send_hci_packet, failed)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_set_advertising_parameters_command(
        self, command: hci.HCI_SyncCommand[hci.HCI_StatusReturnParameters]
    ) -> hci.HCI_StatusReturnParameters:
        """The interval comes in units of 0.625 ms; the advertiser wants milliseconds."""
        result = super().on_hci_le_set_advertising_parameters_command(command)
        advertiser = self.le_legacy_advertiser
        advertiser.advertising_interval_min = round(advertiser.advertising_interval_min * _INTERVAL_UNIT_MS)
        return result

    def on_le_disconnected(self, connection: software.Connection, reason: int) -> None:
        """A link ends once, whoever says so first."""
        if self.le_connections.get(connection.peer_address) is connection:
            super().on_le_disconnected(connection, reason)

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report an advertisement and its scan response, with the strength at which they were received."""
        sender = self._air.find_le_controller(pdu.advertiser_address)
        if sender is None:
            return
        advertiser = sender.le_legacy_advertiser
        connectable = advertiser.advertising_type == _ADV_IND
        if self.le_scan_enable:
            kind = _Event.EventType.ADV_IND if connectable else _Event.EventType.ADV_SCAN_IND
            self._report(kind, pdu.advertiser_address, pdu.data)
            if self.le_scan_type == _ACTIVE:
                response = advertiser.scan_response_data
                self._report(_Event.EventType.SCAN_RSP, pdu.advertiser_address, response)
        pending = self.pending_le_connection
        if connectable and pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def _report(
        self, kind: hci.HCI_LE_Advertising_Report_Event.EventType, by: hci.Address, data: bytes
    ) -> None:
        report = _Event.Report(
            event_type=kind, address_type=by.address_type, address=by, data=data, rssi=self._air.rssi(by)
        )
        self.send_hci_packet(_Event([report]))


class _Advertiser(software.LegacyAdvertiser):
    """Sends whatever it is told to; Bumble's only sends what one can connect to."""

    def send_advertising_data(self) -> None:
        """One advertisement."""
        if self.enabled:
            self.controller.send_advertising_pdu(
                ll.AdvInd(advertiser_address=self.address, data=self.advertising_data)
            )
