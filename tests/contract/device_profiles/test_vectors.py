"""The shared collection of byte strings, where it is at hand beside the project: all of them decode."""

import json
import re
from pathlib import Path
from typing import TypedDict

import pytest

from device_profiles import catalog
from device_profiles.fields import Fields
from device_profiles.measurement import Decoded
from device_profiles.refusal import Refusal
from tests.contract.device_profiles.test_captures import agrees

COLLECTION = Path(__file__).parents[4] / "shared" / "devices" / "vectors.json"
# Words for people, not values.
PROSE = {"policy", "note", "reason", "not_asserted"}


class Vector(TypedDict, total=False):
    id: str
    device: str
    profile: str
    characteristic_uuid: str
    hex: str
    valid: bool
    expected: Fields
    verification: str
    bind_key: str
    mac: str
    sequence: list[str]
    context: dict[str, str]


def collection() -> list[Vector]:
    if not COLLECTION.exists():
        pytest.skip(f"the shared collection is not there: {COLLECTION}")
    vectors: list[Vector] = json.loads(COLLECTION.read_text())
    return vectors


def decoded(vector: Vector) -> Decoded | Refusal:
    read = {uuid: bytes.fromhex(value) for uuid, value in vector.get("context", {}).items()}
    for name in vector["expected"]:
        if password := re.fullmatch(r"response_with_password_([0-9a-f]{8})", name):
            read["password"] = bytes.fromhex(password[1])
    return catalog.decode(
        vector["characteristic_uuid"],
        bytes.fromhex(vector["hex"]),
        device=vector["device"],
        protocol=vector["profile"],
        bind_key=bytes.fromhex(vector["bind_key"]) if "bind_key" in vector else None,
        address=bytes.fromhex(vector["mac"].replace(":", "")) if "mac" in vector else None,
        before=[bytes.fromhex(chunk) for chunk in vector.get("sequence", [])[:-1]],
        read=read,
    )


def mistake(vector: Vector) -> str | None:
    """What is wrong with our answer; None where nothing is."""
    answer = decoded(vector)
    if not vector["valid"]:
        return None if isinstance(answer, Refusal) else "accepted"
    if isinstance(answer, Refusal):
        return f"refused: {answer.detail}"
    said = answer.fields()
    wrong = [
        name
        for name, value in vector["expected"].items()
        if name not in PROSE and not (name in said and agrees(value, said[name]))
    ]
    return f"differs in {wrong}" if wrong else None


def test_every_confirmed_vector_decodes_or_is_refused_as_it_says() -> None:
    confirmed = [vector for vector in collection() if vector["verification"] != "not-checked"]
    mistakes = {vector["id"]: mistake(vector) for vector in confirmed}
    assert {name: wrong for name, wrong in mistakes.items() if wrong} == {}
    assert len(confirmed) > 400


def test_vectors_that_nobody_confirmed_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    unconfirmed = [vector for vector in collection() if vector["verification"] == "not-checked"]
    answers = {vector["id"]: mistake(vector) or "as it says" for vector in unconfirmed}
    with capsys.disabled():
        print(f"\nnot confirmed by a second decoder: {answers}")  # noqa: T201  # a report, not a verdict
    assert len(answers) == len(unconfirmed)


def test_what_must_not_be_stored_gives_no_plain_reading() -> None:
    """A policy beside a value means that it must not become a normal observation."""
    for vector in collection():
        policy = vector["expected"].get("policy")
        answer = decoded(vector)
        if not isinstance(policy, str) or isinstance(answer, Refusal):
            continue
        plain = [
            measurement
            for measurement in answer.measurements()
            if not (measurement.failure or measurement.withheld or measurement.quality)
            and measurement.final
            and not measurement.stored
        ]
        normaliser_refuses = policy.startswith("reject") or "drop impedance" in policy
        assert plain == [] or normaliser_refuses, f"{vector['id']}: {policy}"
