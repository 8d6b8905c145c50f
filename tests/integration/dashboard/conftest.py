"""One dashboard for this folder's tests, on a database of its own."""

from collections.abc import Iterator

import httpx
import pytest

from tests.harness.database import Server
from tests.harness.desk import Dashboard, running_dashboard


@pytest.fixture(scope="package")
def dashboard(database_server: Server) -> Iterator[Dashboard]:
    """A running dashboard; its tests share the ward, so each makes the alerts that it changes."""
    with database_server.fresh() as url, running_dashboard(url) as running:
        yield running


@pytest.fixture(scope="package")
def sara(dashboard: Dashboard) -> Iterator[httpx.Client]:
    """Nurse Sara, signed in as a program."""
    with dashboard.sign_in() as client:
        yield client
