"""A simulated home with the three standard instruments, where bleak finds it."""

from collections.abc import AsyncIterator

import pytest
from bleak.backends.bluezdbus.version import BlueZFeatures

from simulators.bluetooth.home import SimulatedHome
from tests.harness.bluetooth import CUFF, OXIMETER, SCALE, Agent, registered, running_home


@pytest.fixture(autouse=True)
def _no_bluetoothctl(monkeypatch: pytest.MonkeyPatch) -> None:
    """bleak asks a program for BlueZ's version that this home does not have."""
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)


@pytest.fixture
async def home(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SimulatedHome]:
    """A home with a cuff, a scale and an oximeter."""
    async with running_home((CUFF, SCALE, OXIMETER)) as running:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", running.bus_address)
        yield running


@pytest.fixture
async def agent(home: SimulatedHome) -> AsyncIterator[Agent]:
    """An agent that agrees to everything and has neither display nor keys."""
    async with registered(Agent(), home.bus_address) as one:
        yield one
