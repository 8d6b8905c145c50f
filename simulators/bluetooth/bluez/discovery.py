"""Who scans and for what: the discovery sessions of the adapter's clients, and their filters."""

from collections.abc import Mapping
from dataclasses import dataclass

from dbus_fast import Variant

from device_profiles.uuids import full_uuid
from simulators.bluetooth.advert import Advert
from simulators.bluetooth.bluez.errors import failed, in_progress, invalid_arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryFilter:
    """What a client wants to hear of; None: everything."""

    uuids: frozenset[str] | None = None
    rssi: int | None = None
    pattern: str | None = None

    def matches(self, advert: Advert, rssi: int, address: str) -> bool:
        """Whether a device that says this is one of those."""
        if self.uuids is not None and self.uuids.isdisjoint(advert.uuids):
            return False
        if self.rssi is not None and rssi < self.rssi:
            return False
        return self.pattern is None or any(
            said.startswith(self.pattern) for said in (address, advert.name or "")
        )


EVERYTHING = DiscoveryFilter()


def read_filter(argument: object) -> DiscoveryFilter:
    """The filter of a SetDiscoveryFilter call; what it does not name is not filtered."""
    if not isinstance(argument, Mapping):
        raise invalid_arguments()
    said: dict[str, object] = {
        str(key): value.value if isinstance(value, Variant) else value for key, value in argument.items()
    }
    uuids, rssi, pattern = said.get("UUIDs"), said.get("RSSI"), said.get("Pattern")
    return DiscoveryFilter(
        uuids=frozenset(full_uuid(str(uuid)) for uuid in uuids)
        if isinstance(uuids, list) and uuids
        else None,
        rssi=rssi if isinstance(rssi, int) else None,
        pattern=pattern if isinstance(pattern, str) else None,
    )


class Discovery:
    """The discovery sessions, by client. A client's filter outlives its sessions, not the client."""

    def __init__(self) -> None:
        self._filters: dict[str, DiscoveryFilter] = {}
        self._sessions: set[str] = set()

    @property
    def clients(self) -> set[str]:
        """Who has a session or a filter."""
        return self._sessions | self._filters.keys()

    @property
    def runs(self) -> bool:
        """Whether anybody scans."""
        return bool(self._sessions)

    def set_filter(self, client: str, wanted: DiscoveryFilter) -> None:
        """What the client wants from now on."""
        self._filters[client] = wanted

    def start(self, client: str) -> None:
        """Begin a session of the client. Raises BluezError where it has one."""
        if client in self._sessions:
            raise in_progress()
        self._sessions.add(client)

    def stop(self, client: str) -> None:
        """End the client's session. Raises BluezError where it has none."""
        if client not in self._sessions:
            raise failed("No discovery started")
        self._sessions.discard(client)

    def drop(self, client: str) -> None:
        """A client is gone."""
        self._sessions.discard(client)
        self._filters.pop(client, None)

    def wants(self, advert: Advert, rssi: int, address: str) -> bool:
        """Whether any session wants to hear of this."""
        return any(
            self._filters.get(client, EVERYTHING).matches(advert, rssi, address) for client in self._sessions
        )
