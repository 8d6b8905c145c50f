"""An A&D cuff: standard frames, but it must be left alone once after its first bond.

Behaviour: weliem/blessed-android (MIT) and issue threads; facts only.
"""

import time

from bumble import att
from bumble.device import Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from simulators.bluetooth.peripherals.attributes import DATA_FIELD_IGNORED
from simulators.bluetooth.peripherals.cuff import Cuff

_VENDOR_SERVICE = "233bf000-5a34-1b6d-975c-000d5690abe4"
# It takes the time only from a host that is quick.
_CLOCK_WITHIN_S = 5.0


class AAndDCuff(Cuff):
    """In the link in which it was paired it hands nothing over: the host must disconnect first."""

    manufacturer = "A&D Medical"
    model = "UA-651BLE"
    _paired_in_this_link = False
    _linked_s = 0.0

    @property
    def ready_to_hand_over(self) -> bool:
        """Whether this is a later link than that of the first bond."""
        return not self._paired_in_this_link

    def measurement(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        measurement, services = super().measurement(server)
        return measurement, [*services, Service(_VENDOR_SERVICE, [])]

    def set_clock(self, value: bytes) -> None:
        """A write to its clock. Raises att.ATT_Error."""
        if time.monotonic() - self._linked_s > _CLOCK_WITHIN_S:
            raise att.ATT_Error(DATA_FIELD_IGNORED)
        super().set_clock(value)

    def on_link(self, connection: Connection) -> None:
        self._linked_s = time.monotonic()
        self._paired_in_this_link = False
        connection.on(connection.EVENT_PAIRING, self._on_pairing)

    def _on_pairing(self, _keys: object) -> None:
        self._paired_in_this_link = True
