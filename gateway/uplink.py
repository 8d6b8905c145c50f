"""The line to the hub: runs the courier, and keeps the gateway's status up to date there."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random
from typing import TypeAlias

import msgspec
import structlog

from gateway.courier import Courier
from gateway.outbox import Outbox, Stored
from vitals.errors import HubError
from vitals.ids import GatewayId
from wire import topics
from wire.broker import Broker, BrokerUnavailable, Connected, Event, Message, Will
from wire.messages import VERSION, GatewayStatus
from wire.mqtt import MqttClient

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

STATUS_EVERY_S = 60.0
# A session changes several things at once; they travel as one status.
STATUS_SOONEST_S = 0.5
# However quiet it is, the network thread is looked at this often.
LOOK_EVERY_S = 30.0

StatusNow = Callable[[bool], GatewayStatus]


class _StatusChanged:
    """Wakes the line: something in the status is new."""


Happening: TypeAlias = Event | Stored | _StatusChanged


class Uplink:
    """One line to the hub, for as long as `run` runs. All methods belong to the event loop's thread."""

    def __init__(
        self,
        gateway_id: GatewayId,
        broker: Broker,
        outbox: Outbox,
        status: StatusNow,
        *,
        now: Callable[[], datetime],
        seed: int,
    ) -> None:
        """`status` makes the status as it is now; its argument says whether the gateway is online."""
        self._gateway_id = gateway_id
        self._broker = broker
        self._outbox = outbox
        self._status = status
        self._now = now
        self._seed = seed
        self._inbox: asyncio.Queue[Happening] = asyncio.Queue()
        self._status_due_s = 0.0

    def stored(self, stored: Stored) -> None:
        """A reading waits for the hub."""
        self._inbox.put_nowait(stored)

    def status_changed(self) -> None:
        """The hub should hear of the status soon."""
        self._inbox.put_nowait(_StatusChanged())

    async def run(self) -> None:
        """Carry readings until cancelled, then say goodbye.

        Raises BrokerSettingsRefused and the outbox's errors.
        """
        # What was stored before is on the shelf when the courier looks at it.
        self._inbox = asyncio.Queue()
        client = self._client(self._inbox)
        courier = Courier(self._gateway_id, self._outbox, client, chance=Random(self._seed))
        client.start()
        try:
            while True:
                await self._step(courier, client)
        finally:
            with suppress(HubError):
                self._publish_status(client, online=False)
            await asyncio.shield(asyncio.to_thread(client.stop))

    def _client(self, inbox: asyncio.Queue[Happening]) -> MqttClient:
        loop = asyncio.get_running_loop()

        def take(event: Event) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(inbox.put_nowait, event)

        # What the gateway knew when it connected would be old news by the time that the will is read out.
        last_words = GatewayStatus(v=VERSION, gateway=self._gateway_id, online=False)
        return MqttClient(
            self._broker,
            sink=take,
            subscriptions=(topics.ack(self._gateway_id),),
            will=Will(topic=topics.status(self._gateway_id), payload=msgspec.json.encode(last_words)),
            seed=self._seed,
        )

    async def _step(self, courier: Courier, client: MqttClient) -> None:
        """Wait for what comes next, take everything that is there, send what may be sent."""
        if not client.alive:
            # A dead network thread looks connected for ever.
            raise BrokerUnavailable("the network thread ended")
        due_s = [time.monotonic() + LOOK_EVERY_S, *([self._status_due_s] if client.connected else [])]
        wake_s = courier.wake_s()
        due_s += [] if wake_s is None else [wake_s]
        wait_s = max(0.0, min(due_s) - time.monotonic())
        with suppress(TimeoutError):
            # Not wait_for: before Python 3.12 that forgets a cancellation which comes together with an event.
            async with asyncio.timeout(wait_s):
                event = await self._inbox.get()
            self._take(event, courier)
        while not self._inbox.empty():
            self._take(self._inbox.get_nowait(), courier)
        courier.send(now=self._now(), now_s=time.monotonic())
        if client.connected and time.monotonic() >= self._status_due_s:
            self._publish_status(client, online=True)

    def _take(self, event: Happening, courier: Courier) -> None:
        now_s = time.monotonic()
        match event:
            case Stored():
                courier.stored(event.row)
            case _StatusChanged():
                pass
            case _:
                courier.handle(event, now=self._now(), now_s=now_s)
        if isinstance(event, Connected):
            self._status_due_s = now_s
        elif isinstance(event, (Stored, _StatusChanged, Message)):
            self._status_due_s = min(self._status_due_s, now_s + STATUS_SOONEST_S)

    def _publish_status(self, client: MqttClient, *, online: bool) -> None:
        self._status_due_s = time.monotonic() + STATUS_EVERY_S
        payload = msgspec.json.encode(self._status(online))
        try:
            client.publish(topics.status(self._gateway_id), payload, retain=True)
        except BrokerUnavailable as unavailable:
            log.debug("status not published", reason=unavailable.reason)
