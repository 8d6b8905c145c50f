"""The topics carry a gateway's id and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitals.ids import GatewayId
from wire import topics

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True).map(GatewayId)


@given(gateway_id=IDS)
def test_a_topic_says_whose_it_is(gateway_id: GatewayId) -> None:
    for topic in (topics.readings(gateway_id), topics.status(gateway_id), topics.ack(gateway_id)):
        assert topics.gateway_of(topic) == gateway_id


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "hearthward/v1/#/up/readings",
        "hearthward/v1/gw/1/up/readings",
        "hearthward/v2/gw-1/up/readings",
        "hearthward/v1/gw-1/up/readings/x",
        "other/hearthward/v1/gw-1/up/readings",
        "hearthward/v1/gw-1/up/readings\n",
    ],
)
def test_what_is_not_one_of_our_topics_belongs_to_nobody(topic: str) -> None:
    assert topics.gateway_of(topic) is None
