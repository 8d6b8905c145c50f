"""The dashboard as it runs in production, and what it costs: processor time and memory from /proc."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from hub.broker import free_port
from tests.harness.desk import PASSWORD, SARA
from tests.harness.waiting import wait_until

_TICKS = os.sysconf("SC_CLK_TCK")
CALLBACK = "/app/_dash-update-component"
WORKLIST = "/api/worklist"


class Server:
    """One server process."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = process
        self.url = url

    def cpu_s(self) -> float:
        """Processor seconds of the process so far, user and system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0.0


@contextmanager
def serving(database_url: str) -> Iterator[Server]:
    """`hearthward dashboard` on that database."""
    port = free_port()
    environment = {
        **os.environ,
        "HEARTHWARD_DATABASE_URL": database_url,
        "HEARTHWARD_DASHBOARD_PORT": str(port),
    }
    command = [sys.executable, "-m", "hub", "dashboard"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_until(answers, deadline_s=60, what="the dashboard answers")
        yield Server(process, url)
    finally:
        process.terminate()
        process.wait(timeout=15)


def signed_in(url: str) -> dict[str, str]:
    """A nurse's cookies."""
    answer = httpx.post(f"{url}/sign-in", data={"email": SARA.email, "password": PASSWORD}, timeout=30)
    return dict(answer.cookies)


def patient_call(alert_id: int) -> dict[str, Any]:
    """What the page sends for a patient: banner, alert, charts, history."""
    ids = [("patient", "data"), ("aside", "data"), ("charts-head", "shown"), ("patient", "shown")]
    ids.append(("charts-of", "data"))
    return {
        "output": f"..{'...'.join('.'.join(one) for one in ids)}..",
        "outputs": [{"id": one, "property": name} for one, name in ids],
        "inputs": [
            {"id": "url", "property": "pathname", "value": f"/app/alerts/{alert_id}"},
            {"id": "charts-head", "property": "days", "value": 14},
            {"id": "live-patient", "property": "data"},
            {"id": "acted", "property": "data"},
        ],
        "state": [{"id": "patient", "property": "shown"}],
        "changedPropIds": ["url.pathname"],
    }
