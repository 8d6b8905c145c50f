"""Settings from the environment: every mistake at once, each with what to do."""

from pathlib import Path

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub import configuration
from hub.configuration import ConfigurationMistakes, load


class ExampleSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEARTHWARD_", extra="ignore")

    gateway_id: str
    mqtt_port: int = Field(default=1883, ge=1, le=65535)
    mqtt_password: str = Field(default="", max_length=3)
    mqtt_password_file: Path | None = None


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "SETTINGS_OF", {})
    monkeypatch.setenv("HEARTHWARD_GATEWAY_ID", "gw-1")


def mistakes() -> tuple[str, ...]:
    with pytest.raises(ConfigurationMistakes) as caught:
        load(ExampleSettings)
    return caught.value.mistakes


def test_good_settings_are_read() -> None:
    assert load(ExampleSettings).gateway_id == "gw-1"


def test_every_mistake_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTHWARD_GATEWAY_ID")
    monkeypatch.setenv("HEARTHWARD_MQTT_PORT", "many")
    monkeypatch.setenv("HEARTHWARD_MQTT_PASWORD_FILE", "x")
    said = "\n".join(mistakes())
    assert "HEARTHWARD_GATEWAY_ID is missing." in said
    assert "HEARTHWARD_MQTT_PORT ('many')" in said
    assert "HEARTHWARD_MQTT_PASWORD_FILE is not a setting" in said


def test_a_misspelt_variable_gets_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHWARD_MQTT_PROT", "1884")
    assert mistakes() == (
        "HEARTHWARD_MQTT_PROT is not a setting of Hearthward: did you mean HEARTHWARD_MQTT_PORT?",
    )


def test_a_variable_like_none_of_ours_is_said_without_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHWARD_COLOUR", "blue")
    assert mistakes() == ("HEARTHWARD_COLOUR is not a setting of Hearthward; unset it.",)


def test_another_process_setting_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "SETTINGS_OF", {"up": "hub.settings:UpSettings"})
    monkeypatch.setenv("HEARTHWARD_DASHBOARD_PORT", "8060")
    assert load(ExampleSettings).mqtt_port == 1883


def test_a_secret_is_not_repeated_in_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHWARD_MQTT_PASSWORD", "hunter2")
    (said,) = mistakes()
    assert "hunter2" not in said
    assert "HEARTHWARD_MQTT_PASSWORD" in said


def test_a_file_that_is_not_there_is_said_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTHWARD_MQTT_PASSWORD_FILE", "/nowhere/password")
    assert mistakes() == ("HEARTHWARD_MQTT_PASSWORD_FILE names /nowhere/password, which does not exist.",)
