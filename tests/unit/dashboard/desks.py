"""A desk that is plugged into nothing, to look at routes and callbacks without a database."""

from concurrent.futures import ThreadPoolExecutor
from typing import cast

from dashboard.desk import Desk
from dashboard.settings import DashboardSettings
from runtime.clock import utc_now
from store.connection import Pool


def unplugged_desk() -> Desk:
    """Nothing that is asked of it is answered: its pool is none."""
    return Desk(
        settings=DashboardSettings(),
        pool=cast("Pool", None),
        threads=ThreadPoolExecutor(1),
        clock=utc_now,
    )
