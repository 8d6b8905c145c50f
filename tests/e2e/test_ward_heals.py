"""kill -9 of each process of a running ward, one after another: it recovers by itself, and says so."""

import pytest

from tests.harness.ward import RunningWard

HUB = ["alerts", "ingest", "broker", "database", "dashboard", "simulate"]


@pytest.mark.parametrize("name", HUB)
def test_a_killed_process_is_started_again_and_said_so(ward: RunningWard, name: str) -> None:
    killed = ward.kill(name)
    ward.wait_until_back(name, killed, deadline_s=45)
    assert f"{name} died (killed by SIGKILL); starting it again" in ward.up.log


def test_a_killed_gateway_is_started_again(ward: RunningWard) -> None:
    gateway = next(name for name in ward.process_ids() if name.startswith("gw-"))
    killed = ward.kill(gateway)
    ward.wait_until_back(gateway, killed)
