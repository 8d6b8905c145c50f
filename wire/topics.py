"""The topics. They carry opaque gateway ids and nothing else."""

import re

from vitals.ids import GatewayId

ROOT = "hearthward/v1"
ALL_READINGS = f"{ROOT}/+/up/readings"
ALL_STATUS = f"{ROOT}/+/up/status"
CANARY = f"{ROOT}/ingest/canary"
"""Where ingest speaks to itself, to know that what is published still arrives."""

_GATEWAY_TOPIC = re.compile(rf"{ROOT}/(?P<gateway>[A-Za-z0-9_-]{{1,64}})/(?:up|down)/[a-z]+")


def readings(gateway_id: GatewayId) -> str:
    """Where a gateway publishes its `ReadingBatch`es, QoS 1."""
    return f"{ROOT}/{gateway_id}/up/readings"


def status(gateway_id: GatewayId) -> str:
    """Where a gateway keeps its retained `GatewayStatus`, and where its last will lands."""
    return f"{ROOT}/{gateway_id}/up/status"


def ack(gateway_id: GatewayId) -> str:
    """Where the hub publishes its `Ack` of what it has committed, QoS 1."""
    return f"{ROOT}/{gateway_id}/down/ack"


def gateway_of(topic: str) -> GatewayId | None:
    """The gateway a topic belongs to; None where the topic is not one of ours."""
    match = _GATEWAY_TOPIC.fullmatch(topic)
    return GatewayId(match["gateway"]) if match else None
