"""One session's frames to readings: what the gateway feeds with chunks, and nothing else."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TypeAlias

from device_profiles.normalise import NotAReading, normalise
from device_profiles.profile import Assembler, Channel, Context, Profile
from device_profiles.refusal import Reason, Refusal
from device_profiles.uuids import full_uuid
from vitals.ids import DeviceId
from vitals.reading import Reading

Outcome: TypeAlias = Reading | NotAReading | Refusal


class Interpreter:
    """Turns the notifications of one session of one device into readings.

    `zone` is the home's time zone. Each outcome is a reading to keep, a frame of which none may come, or a
    refusal; the latter two are for the log.
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
            uuid: channel.assembler() for uuid, channel in self._channels.items() if channel.assembler
        }

    def feed(self, characteristic: str, chunk: bytes, *, received_at: datetime) -> Sequence[Outcome]:
        """The outcomes of one notification or indication; empty while its frame is incomplete."""
        uuid = full_uuid(characteristic)
        channel = self._channels.get(uuid)
        if channel is None:
            return [Refusal(reason=Reason.NO_CODEC, detail=f"{self._profile.name} has no channel {uuid}")]
        assembler = self._assemblers.get(uuid)
        frames = assembler.feed(chunk) if assembler else [chunk]
        return [outcome for frame in frames for outcome in self._outcomes(channel, frame, received_at)]

    def finish(self, *, received_at: datetime) -> Sequence[Outcome]:
        """What only the end of the session settles. Call it once, after the last chunk."""
        return []

    def _outcomes(self, channel: Channel, frame: bytes, received_at: datetime) -> list[Outcome]:
        decoded = channel.codec(frame, self._context)
        if isinstance(decoded, Refusal):
            return [decoded]
        return [
            normalise(
                self._profile,
                measurement,
                device_id=self._device_id,
                received_at=received_at,
                zone=self._zone,
                raw=frame,
                clock_offset=self._clock_offset,
            )
            for measurement in decoded.measurements()
        ]
