"""`hearthward simulate`: the simulated homes of a ward in one process, acting out their scenario."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

import structlog

from runtime.clock import utc_now
from runtime.ready import say_ready
from simulators.bluetooth.chip import hci_address
from simulators.bluetooth.home import SimulatedHome
from simulators.bluetooth.peripherals.instrument import Instrument, LinkLoss
from simulators.control import (
    DeviceState,
    ListDevices,
    Misbehave,
    Misbehaviour,
    Reply,
    Request,
    SimulatorRefused,
    TakeMeasurement,
    by_measure,
    listening,
)
from simulators.scenario import Fault, measurements
from simulators.settings import SimulatorSettings
from simulators.ward import Home, Ward, load_ward
from vitals.errors import HubError
from vitals.ids import DeviceId, GatewayId
from vitals.measure import Measure
from vitals.reading import reading_id

log = structlog.get_logger()

# Batteries changed, and nobody looked at the clock: what a cuff then says is hours off.
_WRONG_CLOCK = timedelta(hours=-7)
# A process that was killed goes on with its scenario; one that was started again later begins anew.
_SAME_RUN = timedelta(minutes=2)


class AlreadySimulated(HubError):
    """Another process runs a simulated ward under the same directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        super().__init__(
            f"Another simulated ward runs under {directory}: stop it first, "
            "or choose another directory with HEARTHWARD_SIMULATOR_DIRECTORY."
        )


class DirectoryUnusable(HubError):
    """The simulator's directory cannot be written."""

    def __init__(self, directory: Path, reason: str) -> None:
        self.directory = directory
        super().__init__(
            f"The directory {directory} cannot be used ({reason}): "
            "choose another one with HEARTHWARD_SIMULATOR_DIRECTORY."
        )


def run(settings: SimulatorSettings) -> None:
    """Run the simulated homes until SIGTERM or SIGINT.

    Raises BadWard, NoBusDaemon, SocketPathTooLong, BusDidNotStart, NotSimulated, DirectoryUnusable or
    AlreadySimulated.
    """
    # Bumble complains of what the faults, and a stop in the middle of a session, do on purpose.
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    ward = load_ward(settings.simulator_ward)
    directory = settings.simulator_directory.absolute()
    with _hold(directory):
        beginning = _Beginning(directory / "simulate.began")
        began_at = beginning.of_this_run(utc_now())
        asyncio.run(_Fleet(ward, directory, settings.simulator_seed, beginning, began_at).run())


def _hold(directory: Path) -> IO[str]:
    """The directory is ours for as long as this file is open: the kernel closes it even after kill -9.

    Raises DirectoryUnusable or AlreadySimulated.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (directory / "simulate.lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AlreadySimulated(directory) from error
    except OSError as error:
        raise DirectoryUnusable(directory, error.strerror or str(error)) from error
    return lock


class _Beginning:
    """The file that says when the scenario began, kept fresh while it runs."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of_this_run(self, now: datetime) -> datetime:
        """When the scenario began: now, unless a run that was killed just before is to go on."""
        with contextlib.suppress(OSError, ValueError):
            fresh_at = datetime.fromtimestamp(self._path.stat().st_mtime, tz=now.tzinfo)
            if now - fresh_at < _SAME_RUN:
                return datetime.fromisoformat(self._path.read_text())
        self._path.write_text(now.isoformat())
        return now

    def still_running(self) -> None:
        """Keep it fresh."""
        os.utime(self._path)

    def ended(self) -> None:
        """It was stopped on purpose: the next run begins anew."""
        self._path.unlink(missing_ok=True)


class _Fleet:
    """Every home of the ward."""

    def __init__(
        self, ward: Ward, directory: Path, seed: int, beginning: _Beginning, began_at: datetime
    ) -> None:
        self._ward = ward
        self._directory = directory
        self._seed = seed
        self._beginning = beginning
        self._began_at = began_at
        self._homes: dict[GatewayId, SimulatedHome] = {}

    async def run(self) -> None:
        """Start the homes, act out the scenario, and stop when asked."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        acting: list[asyncio.Task[None]] = []
        try:
            for home in self._ward.homes:
                await self._start(home)
            async with listening(self._directory, self._answer):
                acting = [loop.create_task(self._act_out(home)) for home in self._ward.homes]
                say_ready()
                log.info("simulated ward up", homes=len(self._homes), began_at=self._began_at.isoformat())
                waiting = loop.create_task(stopping.wait())
                await asyncio.wait({waiting, *acting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in acting:
                task.cancel()
            await asyncio.gather(*(home.stop() for home in self._homes.values()), return_exceptions=True)
        for task in acting:
            if task.done() and not task.cancelled():
                task.result()  # a scenario never ends by itself: say why it did
        self._beginning.ended()
        log.info("simulated ward stopped")

    async def _start(self, home: Home) -> None:
        simulated = SimulatedHome(
            home.gateway_id, self._directory, time_zone=home.time_zone, now=utc_now, seed=self._seed
        )
        self._homes[home.gateway_id] = simulated
        await simulated.start(home.devices)

    async def _act_out(self, home: Home) -> None:
        instruments = self._homes[home.gateway_id].instruments
        for measurement in measurements(home, self._seed, self._began_at):
            due_at = self._began_at + measurement.after
            wait_s = (due_at - utc_now()).total_seconds()
            if wait_s < -1:  # taken before we were killed
                continue
            await asyncio.sleep(max(wait_s, 0))
            instrument = instruments[measurement.device_id]
            if Fault.WRONG_CLOCK in measurement.faults:
                instrument.clock.disturb(_WRONG_CLOCK)
            await _take(instrument, dict(measurement.values), failed=Fault.FAILED in measurement.faults)
            self._beginning.still_running()

    def _instrument(self, device_id: str) -> Instrument:
        for home in self._homes.values():
            if (found := home.instruments.get(DeviceId(device_id))) is not None:
                return found
        raise SimulatorRefused(f"There is no device {device_id!r} in the simulated ward.")

    async def _answer(self, request: Request) -> Reply:
        match request:
            case TakeMeasurement():
                instrument = self._instrument(request.device_id)
                values = by_measure(request.values)
                if missing := [measure for measure in instrument.needs if measure not in values]:
                    raise SimulatorRefused(f"{instrument.model} needs {', '.join(missing)}, too.")
                return await _take(instrument, values, failed=request.failed)
            case Misbehave():
                self._misbehave(request.device_id, request.how)
                return Reply()
            case ListDevices():
                return Reply(devices=tuple(self._states()))

    def _states(self) -> list[DeviceState]:
        return [
            DeviceState(
                device_id=device.device_id,
                gateway_id=home.gateway_id,
                family=device.family,
                remembers=self._instrument(device.device_id).remembers,
                connected=self._instrument(device.device_id).connected,
            )
            for home in self._ward.homes
            for device in home.devices
        ]

    def _misbehave(self, device_id: str, how: Misbehaviour) -> None:
        instrument = self._instrument(device_id)
        air = next(home.air for home in self._homes.values() if DeviceId(device_id) in home.instruments)
        match how:
            case Misbehaviour.LOSE_BOND:
                instrument.forget_bonds()
            case Misbehaviour.LOSE_LINK:
                instrument.manners.link_loss = LinkLoss(after=0)
            case Misbehaviour.LOSE_CONFIRMATION:
                instrument.manners.link_loss = LinkLoss(after=0, confirmation_lost=True)
            case Misbehaviour.LOSE_ADVERTS:
                air.lose_adverts(hci_address(instrument.identity.address), 0.75)
            case Misbehaviour.REFUSE_CLOCK:
                instrument.clock.refuses = True
            case Misbehaviour.WRONG_CLOCK:
                instrument.clock.disturb(_WRONG_CLOCK)
            case Misbehaviour.UNSET_CLOCK:
                instrument.clock.disturb(None)
            case Misbehaviour.NONE:
                instrument.manners.link_loss = None
                instrument.clock.refuses = False
                air.lose_adverts(hci_address(instrument.identity.address), 0)
        log.info("device misbehaves", device_id=device_id, how=how.value)


async def _take(instrument: Instrument, values: dict[Measure, float], *, failed: bool) -> Reply:
    """Take a measurement, and log by which id it can be followed to the hub."""
    device_id = DeviceId(instrument.identity.device_id)
    taken = await instrument.take(values, failed=failed)
    said_id = reading_id(device_id, taken.frame, taken.device_time, utc_now())
    log.info(
        "measurement taken",
        device_id=device_id,
        reading_id=said_id,
        device_time=taken.device_time,
        failed=failed,
    )
    return Reply(reading_id=said_id, device_time=taken.device_time)
