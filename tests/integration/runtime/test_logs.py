"""What a log line looks like to the program that collects it."""

import json
import subprocess
import sys

from tests.harness.processes import ROOT


def logged(log_format: str) -> str:
    script = (
        "import structlog; from runtime import logs; "
        f"logs.configure('ingest', {log_format!r}); "
        "structlog.get_logger().info('reading committed', reading_id='r-1')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "", "logs go to standard error"
    return done.stderr


def test_a_line_is_one_json_object_with_its_process_its_event_and_its_facts() -> None:
    line = json.loads(logged("json"))
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "info",
        "event": "reading committed",
        "process": "ingest",
        "reading_id": "r-1",
    }


def test_a_person_reads_it_without_colour_codes_in_a_file() -> None:
    line = logged("console")
    assert "reading committed" in line
    assert "\x1b" not in line
