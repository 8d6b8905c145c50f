"""How BlueZ says no: the D-Bus errors of `org.bluez`, by the names and words that bluetoothd uses."""

from bumble import att

from simulators.bluetooth.link import AttRefused
from vitals.errors import HubError

_PREFIX = "org.bluez.Error."


class BluezError(HubError):
    """The reply to a method call is an error."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name if "." in name else _PREFIX + name
        self.text = text
        super().__init__(f"{self.name}: {text}")


def failed(text: str) -> BluezError:
    """It did not work; bluetoothd's words, which clients take apart."""
    return BluezError("Failed", text)


def in_progress() -> BluezError:
    """The same is being done already."""
    return BluezError("InProgress", "Operation already in progress")


def invalid_arguments() -> BluezError:
    """Arguments that bluetoothd does not take."""
    return BluezError("InvalidArguments", "Invalid arguments in method call")


def not_connected() -> BluezError:
    """There is no link to do it over."""
    return failed("Not connected")


# src/shared/gatt error codes to D-Bus errors, as create_gatt_dbus_error of BlueZ's gatt-client.c maps them.
_GATT_ERRORS: dict[int, tuple[str, str]] = {
    att.ErrorCode.READ_NOT_PERMITTED: ("NotPermitted", "Read not permitted"),
    att.ErrorCode.WRITE_NOT_PERMITTED: ("NotPermitted", "Write not permitted"),
    att.ErrorCode.INSUFFICIENT_AUTHENTICATION: ("NotPermitted", "Not paired"),
    att.ErrorCode.INSUFFICIENT_ENCRYPTION: ("NotPermitted", "Not paired"),
    att.ErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE: ("NotPermitted", "Not paired"),
    att.ErrorCode.INVALID_OFFSET: ("InvalidArguments", "Invalid offset"),
    att.ErrorCode.INVALID_ATTRIBUTE_LENGTH: ("InvalidArguments", "Invalid Length"),
    att.ErrorCode.INSUFFICIENT_AUTHORIZATION: ("NotAuthorized", "Not authorized"),
    att.ErrorCode.REQUEST_NOT_SUPPORTED: ("NotSupported", "Operation is not supported"),
}


def gatt_error(refused: AttRefused) -> BluezError:
    """What bluetoothd makes of a device's refusal."""
    known = _GATT_ERRORS.get(refused.code)
    return BluezError(*known) if known else failed(f"Operation failed with ATT error: 0x{refused.code:02x}")
