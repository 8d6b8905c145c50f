"""One device's frames to readings: what the gateway feeds with chunks and advertisements."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

from device_profiles.advertisement import Advertisement
from device_profiles.measurement import Accompanies, Decoded, Measurement
from device_profiles.normalise import NotAReading, normalise
from device_profiles.profile import Assembler, Channel, Context, Profile, broadcast_data
from device_profiles.racp import LAST_SEQUENCE
from device_profiles.refusal import Reason, Refusal
from device_profiles.settling import Agreement, StreamWindow
from device_profiles.uuids import full_uuid
from vitals.ids import DeviceId
from vitals.measure import Measure
from vitals.reading import Reading

Outcome: TypeAlias = Reading | NotAReading | Refusal
# How long a broadcast that has no clock may repeat itself before it counts as a new weighing.
REPEATS_WITHIN = timedelta(minutes=1)
_REMEMBERED = 64


class Interpreter:
    """Turns what one device says into readings: for one session, or for all its advertisements.

    `zone` is the home's time zone. Each outcome is a reading to keep, a frame of which none may come, or a
    refusal; the latter two are for the log. `kept` is what the next session should know (see `handshake`).
    """

    def __init__(
        self,
        profile: Profile,
        *,
        device_id: DeviceId,
        zone: tzinfo,
        context: Context | None = None,
        clock_offset: timedelta | None = None,
    ) -> None:
        self._profile = profile
        self._device_id = device_id
        self._zone = zone
        self._context = context or Context()
        self._clock_offset = clock_offset
        self._channels = {full_uuid(channel.characteristic): channel for channel in profile.channels}
        self._assemblers: dict[str, Assembler] = {
            channel.shares or uuid: channel.assembler()
            for uuid, channel in self._channels.items()
            if channel.assembler
        }
        self._agreements = {
            uuid: Agreement(channel.agreeing, channel.tolerance)
            for uuid, channel in self._channels.items()
            if channel.agreeing > 1
        }
        self._windows = {uuid: StreamWindow() for uuid, channel in self._channels.items() if channel.stream}
        self._before: Measurement | None = None
        self._part: Measurement | None = None
        self._awaiting: dict[int, tuple[Measurement, bytes]] = {}
        self._said: dict[tuple[str | None, float | None], datetime] = {}
        self.kept: dict[str, bytes] = {}

    def feed(self, characteristic: str, chunk: bytes, *, received_at: datetime) -> Sequence[Outcome]:
        """The outcomes of one notification or indication; empty while its frame is incomplete."""
        uuid = full_uuid(characteristic)
        channel = self._channels.get(uuid)
        if channel is None:
            return [Refusal(reason=Reason.NO_CODEC, detail=f"{self._profile.name} has no channel {uuid}")]
        assembler = self._assemblers.get(channel.shares or uuid)
        frames = assembler.feed(chunk) if assembler else [chunk]
        return [outcome for frame in frames for outcome in self._of_frame(channel, frame, received_at)]

    def hear(self, advertisement: Advertisement, *, received_at: datetime) -> Sequence[Outcome]:
        """The outcomes of one advertisement; the same weighing comes in many, and counts once."""
        outcomes: list[Outcome] = []
        for broadcast in self._profile.broadcasts:
            for data in broadcast_data(broadcast, advertisement):
                decoded = broadcast.codec(data, self._context)
                if isinstance(decoded, Refusal):
                    outcomes.append(decoded)
                    continue
                outcomes += [
                    self._once(self._broadcast(measurement, data, received_at))
                    for measurement in decoded.measurements()
                ]
        return outcomes

    def finish(self, *, received_at: datetime) -> Sequence[Outcome]:
        """What only the end of the session settles. Call it once, after the last chunk."""
        left = [pair for window in self._windows.values() for pair in window.finish()]
        left += self._awaiting.values()
        if self._part is not None:
            left.append((replace(self._part, final=True), b""))
        self._awaiting, self._part = {}, None
        return [self._reading(measurement, raw, received_at) for measurement, raw in left]

    def _of_frame(self, channel: Channel, frame: bytes, received_at: datetime) -> Iterator[Outcome]:
        decoded = channel.codec(frame, self._context)
        if isinstance(decoded, Refusal):
            yield decoded
            return
        if isinstance(decoded, Accompanies):
            yield from self._accompany(decoded, received_at)
        for measurement in decoded.measurements():
            for settled, raw in self._settled(channel, measurement, frame, received_at):
                outcome = self._reading(settled, raw, received_at)
                yield self._once(outcome) if settled.device_time is None else outcome

    def _settled(
        self, channel: Channel, measurement: Measurement, frame: bytes, received_at: datetime
    ) -> list[tuple[Measurement, bytes]]:
        """What may be said now: at once, or later, or joined with what came before."""
        uuid = full_uuid(channel.characteristic)
        if uuid in self._windows and not measurement.stored and not measurement.withheld:
            return self._windows[uuid].add(measurement, frame, received_at)
        if uuid in self._agreements and measurement.device_time is None:
            settled = self._agreements[uuid].offer(measurement)
            return [(settled, frame)] if settled else []
        if channel.inherits:
            return self._inherited(measurement, frame)
        self._before = measurement
        if measurement.awaits_companion and measurement.sequence is not None:
            self._awaiting[measurement.sequence] = (measurement, frame)
            return []
        return [(measurement, frame)]

    def _inherited(self, measurement: Measurement, frame: bytes) -> list[tuple[Measurement, bytes]]:
        """A second part with time and user of the first; two packets of one measurement are joined."""
        before = self._before
        if measurement.device_time is None and before is not None:
            user = measurement.user if measurement.user is not None else before.user
            measurement = replace(
                measurement, device_time=before.device_time, user=user, clock_unset=before.clock_unset
            )
        if measurement.final:
            return [(measurement, frame)]
        if self._part is None:
            self._part = measurement
            return []
        amounts = {**self._part.amounts, **measurement.amounts}
        self._part = None
        return [(replace(measurement, amounts=amounts, final=True), frame)]

    def _accompany(self, decoded: Decoded | Accompanies, received_at: datetime) -> Iterator[Outcome]:
        companion = decoded.companion() if isinstance(decoded, Accompanies) else None
        held = self._awaiting.pop(companion.sequence, None) if companion else None
        if companion is not None and held is not None:
            measurement, raw = held
            withheld = companion.withheld or measurement.withheld
            yield self._reading(replace(measurement, withheld=withheld), raw, received_at)

    def _broadcast(self, measurement: Measurement, raw: bytes, received_at: datetime) -> Outcome:
        weight = measurement.amounts.get(Measure.WEIGHT)
        known = f"{weight.value}{weight.unit}".encode() if weight and measurement.device_time else None
        return self._reading(measurement, raw, received_at, identity=known)

    def _reading(
        self, measurement: Measurement, raw: bytes, received_at: datetime, identity: bytes | None = None
    ) -> Reading | NotAReading:
        reading = normalise(
            self._profile,
            measurement,
            device_id=self._device_id,
            received_at=received_at,
            zone=self._zone,
            raw=raw,
            clock_offset=self._clock_offset,
            identity=identity,
        )
        if measurement.sequence is not None:
            last = int.from_bytes(self.kept.get(LAST_SEQUENCE, b""), "little")
            self.kept[LAST_SEQUENCE] = max(last, measurement.sequence).to_bytes(2, "little")
        return reading

    def _once(self, outcome: Outcome) -> Outcome:
        """The outcome, or that the scale has said this weight before."""
        if not isinstance(outcome, Reading) or Measure.WEIGHT not in outcome.values:
            return outcome
        said = (outcome.device_time, outcome.values[Measure.WEIGHT])
        before = self._said.pop(said, None)
        self._said[said] = outcome.received_at
        while len(self._said) > _REMEMBERED:
            self._said.pop(next(iter(self._said)))
        if before is None:
            return outcome
        if outcome.device_time is None and outcome.received_at - before > REPEATS_WITHIN:
            return outcome
        return NotAReading(reason="said before", raw=outcome.raw)
