"""A glucose meter of the standard kind: its records are asked for, and stay until they are deleted."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from bumble.device import Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from device_profiles.gatt import glucose, record_access
from device_profiles.gatt.ieee_11073 import Number, Special
from device_profiles.gatt.record_access import Op, Operator, RecordAccess, Result
from device_profiles.refusal import Refusal
from simulators.bluetooth.advert import Advert
from simulators.bluetooth.memory import StoredFrame
from simulators.bluetooth.peripherals.attributes import (
    Properties,
    control_point,
    measured_by,
    readable,
    settable,
)
from simulators.bluetooth.peripherals.instrument import Instrument, Taken
from vitals.measure import Measure

_MEMORY = 100
_KG_PER_LITRE_OF_ONE_MG_DL = -5
_FINGER = 1
# Low battery and sensor malfunction can be detected (Glucose Feature, 0x2A51).
_FEATURES = (0x0003).to_bytes(2, "little")


class GlucoseMeter(Instrument):
    """Advertises after a measurement until somebody has asked for its records."""

    model = "Simulated glucose meter"
    needs = (Measure.GLUCOSE,)
    _asked_up_to = 0
    _records: Characteristic[bytes] | None = None
    _control: Characteristic[bytes] | None = None
    _reporting: "asyncio.Task[None] | None" = None

    @property
    def restless(self) -> bool:
        """Whether it has records that nobody has asked for since it was switched on."""
        return bool(self.memory.frames) and self.memory.sequence > self._asked_up_to

    def advertisement(self) -> Advert:
        return Advert(name=self.identity.name, uuids=("1808",))

    def services(self, server: Server) -> list[Service]:
        self._records = measured_by(server, glucose.UUID, Properties.NOTIFY, secured=True)
        self._control = control_point(server, record_access.UUID, self._on_request)
        clock = settable("2a08", self.clock.read_date_time, self.clock.set_date_time, secured=True)
        return [Service("1808", [self._records, readable("2a51", _FEATURES), self._control, clock])]

    async def take(self, values: Mapping[Measure, float], *, failed: bool = False) -> Taken:
        """Prick a finger; `failed`: the strip could not be read."""
        self.memory.sequence += 1
        time = self.clock.time()
        measured = Number(mantissa=round(values[Measure.GLUCOSE]), exponent=_KG_PER_LITRE_OF_ONE_MG_DL)
        record = glucose.Glucose(
            sequence=self.memory.sequence,
            time=time,
            concentration=Number(special=Special.NAN) if failed else measured,
            sample_type=int(glucose.SampleType.CAPILLARY_WHOLE_BLOOD),
            location=_FINGER,
            status=0,
        )
        frame = glucose.encode(record)
        self.memory.frames.append(StoredFrame(frame=frame.hex(), device_time=time.text))
        del self.memory.frames[:-_MEMORY]
        self.save()
        await self.advertise()
        return Taken(frame=frame, device_time=time.text, values=values)

    def _on_request(self, _connection: Connection, value: bytes) -> None:
        request = record_access.decode(value)
        self.be_patient()
        if isinstance(request, Refusal):
            self.soon(self._answer_result(value[0] if value else 0, Result.OP_CODE_NOT_SUPPORTED))
        elif request.op is Op.ABORT:
            if self._reporting is not None:
                self._reporting.cancel()
            self.soon(self._answer_result(request.op, Result.SUCCESS))
        else:
            self.soon(self._serve(request))

    async def _serve(self, request: RecordAccess) -> None:
        chosen = self._chosen(request)
        if chosen is None:
            await self._answer_result(request.op, Result.OPERATOR_NOT_SUPPORTED)
        elif request.op is Op.REPORT_COUNT:
            await self._answer(Op.NUMBER_OF_RECORDS, len(chosen).to_bytes(2, "little"))
        elif not chosen:
            await self._answer_result(request.op, Result.NO_RECORDS_FOUND)
        elif request.op is Op.DELETE_RECORDS:
            self.memory.frames[:] = [frame for frame in self.memory.frames if frame not in chosen]
            self.save()
            await self._answer_result(request.op, Result.SUCCESS)
        elif request.op is Op.REPORT_RECORDS:
            self._reporting = asyncio.get_running_loop().create_task(self._report(chosen))
            with suppress(asyncio.CancelledError):
                await self._reporting
        else:
            await self._answer_result(request.op, Result.OP_CODE_NOT_SUPPORTED)
        self._asked_up_to = self.memory.sequence

    def _chosen(self, request: RecordAccess) -> list[StoredFrame] | None:
        """The records that the request means; None for an operator that the meter does not know."""
        frames = self.memory.frames
        if request.operator == Operator.ALL:
            return list(frames)
        if request.operator == Operator.FIRST:
            return frames[:1]
        if request.operator == Operator.LAST:
            return frames[-1:]
        by_sequence = request.operand[:1] == bytes((record_access.FILTER_SEQUENCE,))
        if request.operator == Operator.GREATER_OR_EQUAL and by_sequence and len(request.operand) == 3:
            least = int.from_bytes(request.operand[1:], "little")
            return [frame for frame in frames if _sequence(frame) >= least]
        return None

    async def _report(self, chosen: list[StoredFrame]) -> None:
        for frame in chosen:
            if self._records is None:
                return
            await self.notify(self._records, bytes.fromhex(frame.frame))
            await asyncio.sleep(0)
        await self._answer_result(Op.REPORT_RECORDS, Result.SUCCESS)

    async def _answer_result(self, request: int, result: Result) -> None:
        await self._answer(Op.RESPONSE, bytes((request, result)))

    async def _answer(self, op: Op, operand: bytes) -> None:
        if self._control is not None:
            answer = record_access.encode(RecordAccess(op=op, operand=operand))
            await self.indicate(self._control, answer)


def _sequence(frame: StoredFrame) -> int:
    record = glucose.decode(bytes.fromhex(frame.frame))
    return record.sequence if isinstance(record, glucose.Glucose) else 0
