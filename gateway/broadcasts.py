"""Devices that are never connected: their measurement is in what they advertise."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog

from device_profiles.interpret import Interpreter
from gateway.radio import Heard
from gateway.roster import EnrolledDevice
from gateway.visits import EARLIEST_NOW_YEAR
from vitals.errors import HubError
from vitals.ids import DeviceId
from vitals.reading import Reading

log: structlog.types.FilteringBoundLogger = structlog.get_logger()


class Broadcasts:
    """One interpreter for each such device, for as long as the gateway listens.

    Nobody vouches for an advertisement: the profile's readings say so themselves.
    """

    def __init__(self, keep: Callable[[Reading], None], now: Callable[[], datetime]) -> None:
        """`keep` commits a reading to the disk before it returns."""
        self._keep = keep
        self._now = now
        self._interpreters: dict[DeviceId, Interpreter] = {}
        self._unread: Counter[tuple[DeviceId, str]] = Counter()

    def hear(self, device: EnrolledDevice, heard: Heard) -> None:
        """Take what an advertisement says; most say nothing new."""
        if self._now().year < EARLIEST_NOW_YEAR:
            return
        interpreter = self._interpreters.get(device.device_id)
        if interpreter is None:
            interpreter = Interpreter(
                device.profile, device_id=device.device_id, zone=device.zone, context=device.context()
            )
            self._interpreters[device.device_id] = interpreter
        for outcome in interpreter.hear(heard.advertisement, received_at=self._now()):
            if isinstance(outcome, Reading):
                self._store(device, outcome)
            else:
                self._count(device.device_id, str(outcome.reason))

    def _store(self, device: EnrolledDevice, reading: Reading) -> None:
        try:
            self._keep(device.attributed(reading))
        except HubError as error:
            log.error("reading could not be stored", reading_id=reading.reading_id, reason=str(error))

    def _count(self, device_id: DeviceId, reason: str) -> None:
        """Log the first of a kind only: a scale says the same ten times a second."""
        self._unread[device_id, reason] += 1
        if self._unread[device_id, reason] == 1:
            log.info("advertisement is no reading", device_id=device_id, reason=reason)
