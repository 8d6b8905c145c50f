"""The words in which a simulated device is told what to do."""

import msgspec
import pytest

from simulators.control import (
    Misbehave,
    Misbehaviour,
    Request,
    SimulatorRefused,
    TakeMeasurement,
    by_measure,
    read_values,
)
from vitals.measure import Measure


def test_values_are_read_from_words() -> None:
    values = read_values(["systolic=182", "diastolic=104.5"])
    assert by_measure(values) == {Measure.SYSTOLIC: 182.0, Measure.DIASTOLIC: 104.5}


@pytest.mark.parametrize("word", ["systolic", "systolic=high", "mood=3"])
def test_what_is_no_value_is_refused_by_name(word: str) -> None:
    with pytest.raises(SimulatorRefused, match=word.split("=")[0]):
        read_values([word])


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        (
            b'{"do":"measure","device_id":"d","values":{"weight":80}}',
            TakeMeasurement(device_id="d", values={"weight": 80.0}),
        ),
        (
            b'{"do":"misbehave","device_id":"d","how":"lose_bond"}',
            Misbehave(device_id="d", how=Misbehaviour.LOSE_BOND),
        ),
    ],
)
def test_a_line_is_one_request(line: bytes, request_: Request) -> None:
    assert msgspec.json.decode(line, type=Request) == request_
