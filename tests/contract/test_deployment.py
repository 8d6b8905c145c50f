"""docker-compose.yml, the Dockerfile and the unit files, checked against the code: no engine runs here."""

import configparser
import getpass
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub import broker
from hub.configuration import SETTINGS_OF, settings_class, variables
from tests.harness.processes import ROOT
from tests.harness.waiting import wait_until

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "hearthward"}


def test_the_hub_s_processes_are_all_there() -> None:
    assert {service["command"][0] for service in OURS.values()} == {
        "migrate",
        "ingest",
        "alerts",
        "notify",
        "dashboard",
    }


@pytest.mark.parametrize("name", OURS)
def test_every_command_and_variable_is_one_of_the_code(name: str) -> None:
    (command,) = OURS[name]["command"]
    assert command in SETTINGS_OF
    given = {word for word in OURS[name]["environment"] if word.startswith("HEARTHWARD_")}
    assert given <= set(variables(settings_class(command)))


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_refers_to_exists(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    for other, how in service.get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
    for variable, value in service.get("environment", {}).items():
        if str(value).startswith("/run/secrets/"):
            assert Path(value).name in service["secrets"], variable
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).exists()


def test_nothing_is_published_beyond_this_machine() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_secrets_script_makes_every_secret(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    script = shutil.copy(ROOT / "scripts" / "compose-secrets", tmp_path / "scripts")
    for _ in range(2):
        subprocess.run([script, "home-1"], check=True, capture_output=True)
    for secret in COMPOSE["secrets"].values():
        assert (tmp_path / secret["file"]).read_text().strip()
    users = (tmp_path / "deploy/secrets/mqtt_passwords").read_text().splitlines()
    assert [line.split(":")[0] for line in users] == ["ingest", "home-1"]
    assert users[0].split(":")[1] == (tmp_path / "deploy/secrets/mqtt_ingest_password").read_text().strip()


def test_production_gives_the_broker_s_users_the_same_rights_as_a_ward_on_one_machine() -> None:
    assert (ROOT / "deploy" / "mosquitto.access").read_text() == broker.ACCESS


def test_mosquitto_accepts_its_configuration(tmp_path: Path) -> None:
    program = shutil.which("mosquitto", path=broker.SEARCH)
    assert program, "apt-get install mosquitto"
    (tmp_path / "passwords").write_text("")
    port = broker.free_port()
    text = (ROOT / "deploy" / "mosquitto.conf").read_text()
    text = text.replace("/mosquitto/run/passwords", str(tmp_path / "passwords"))
    text = text.replace("/mosquitto/config", str(ROOT / "deploy"))
    text = text.replace("listener 1883", f"listener {port} 127.0.0.1")
    # Started by root it would become the user `mosquitto`, who cannot read a test's directory.
    (tmp_path / "mosquitto.conf").write_text(f"{text}\nuser {getpass.getuser()}\n")
    with subprocess.Popen(
        [program, "-c", str(tmp_path / "mosquitto.conf")], stderr=subprocess.PIPE
    ) as process:
        try:
            wait_until(lambda: process.poll() is not None or broker.accepts(port))
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
        finally:
            process.terminate()


@pytest.mark.parametrize(
    "unit", sorted((ROOT / "deploy" / "systemd").glob("*.service")), ids=lambda unit: unit.name
)
def test_a_unit_file_starts_a_command_with_its_own_variables(unit: Path) -> None:
    lines = unit.read_text()
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.read_string(lines)
    command = parser["Service"]["ExecStart"].split()[-1]
    assert command in SETTINGS_OF
    given = set(re.findall(r"^Environment=(HEARTHWARD_\w+)=", lines, flags=re.MULTILINE))
    assert given
    assert given <= set(variables(settings_class(command)))


def test_the_image_installs_from_the_lock_file_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes --no-deps -r requirements.lock" in text
    assert re.search(r"^USER hearthward$", text, flags=re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["hearthward"\]$', text, flags=re.MULTILINE)
