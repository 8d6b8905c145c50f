"""A Beurer scale with user slots: it tells a user's data to who knows the code that it shows.

Sequence: captures in ble-scale-sync; facts only.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from bumble.device import Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from device_profiles.gatt import body_composition, date_of_birth, user_control, weight
from device_profiles.gatt.user_control import Op, Result, UserControl
from device_profiles.refusal import Refusal
from simulators.bluetooth.memory import StoredFrame
from simulators.bluetooth.peripherals.attributes import (
    Properties,
    control_point,
    measured_by,
    readable,
    settable,
)
from simulators.bluetooth.peripherals.instrument import Identity, Manners, Surroundings, Taken
from simulators.bluetooth.peripherals.storing import StoringInstrument
from vitals.measure import Measure

# Time stamps, several users, BMI, a resolution of 0.005 kg (Weight Scale Feature, 0x2A9E).
_WEIGHT_FEATURES = (0x00000007 | 7 << 3).to_bytes(4, "little")
_COMPOSITION_FEATURES = (0x00000003).to_bytes(4, "little")
_FAT_PERCENT = 31.4
"""What the scale makes of a person of whom nobody says how fat they are."""
_BIRTH = date_of_birth.DateOfBirth(year=1950, month=6, day=1)


class BeurerScale(StoringInstrument):
    """Without consent it sends nothing; without a commit of the user's data, zeros for body composition."""

    manufacturer = "Beurer GmbH"
    model = "BF720"
    service = "181d"
    needs = (Measure.WEIGHT,)
    commit_s = 1.0
    """How long it gives its host, after the consent, to commit the user's data."""
    _consented = False
    _birth = date_of_birth.encode(_BIRTH)
    _changes = 0
    _composition: Characteristic[bytes] | None = None
    _control: Characteristic[bytes] | None = None

    @property
    def ready_to_hand_over(self) -> bool:
        """Whether this link has the user's consent."""
        return self._consented

    def __init__(
        self, identity: Identity, surroundings: Surroundings, manners: Manners | None = None
    ) -> None:
        super().__init__(identity, surroundings, manners)
        self._committed = asyncio.Event()

    def on_link(self, connection: Connection) -> None:
        self._consented = False
        self._committed.clear()

    def measurement(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        measurement = measured_by(server, weight.UUID, Properties.INDICATE, secured=True)
        self._composition = measured_by(server, body_composition.UUID, Properties.INDICATE, secured=True)
        self._control = control_point(server, user_control.UUID, self._on_request)
        birth = settable(date_of_birth.UUID, lambda: self._birth, self._set_birth, secured=True)
        changes = settable("2a99", lambda: self._changes.to_bytes(4, "little"), self._commit, secured=True)
        clock = settable("2a2b", self.clock.read_current_time, self.clock.set_current_time, secured=True)
        return measurement, [
            Service("181d", [measurement, readable("2a9e", _WEIGHT_FEATURES)]),
            Service("181b", [self._composition, readable("2a9b", _COMPOSITION_FEATURES)]),
            Service("181c", [self._control, birth, changes]),
            Service("1805", [clock]),
        ]

    def write(self, values: Mapping[Measure, float], *, failed: bool) -> Taken:
        time = self.clock.time()
        raw = weight.UNSUCCESSFUL if failed else weight.kilograms(values[Measure.WEIGHT])
        frame = weight.encode(weight.Weight(weight_raw=raw, time=time, user=self.identity.user_slot))
        return Taken(frame=frame, device_time=time.text, values=values)

    def _set_birth(self, value: bytes) -> None:
        self._birth = value

    def _commit(self, value: bytes) -> None:
        self._changes = int.from_bytes(value, "little")
        self._committed.set()

    def _on_request(self, connection: Connection, value: bytes) -> None:
        request = user_control.decode(value)
        if isinstance(request, Refusal) or request.op is not Op.CONSENT:
            self.soon(self._answer(value[0] if value else 0, Result.OP_CODE_NOT_SUPPORTED))
            return
        user, code = request.parameter[0], int.from_bytes(request.parameter[1:3], "little")
        if user != self.identity.user_slot:
            result = Result.OPERATION_FAILED
        else:
            result = Result.SUCCESS if code == self.identity.consent_code else Result.USER_NOT_AUTHORIZED
        self._consented = result is Result.SUCCESS
        self.soon(self._answer(Op.CONSENT, result))
        if self._consented:
            self.soon(self._offer_once_committed(connection))

    async def _offer_once_committed(self, connection: Connection) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._committed.wait(), self.commit_s)
        self.offer(connection)

    async def _answer(self, request: int, result: Result) -> None:
        if self._control is not None:
            parameter = bytes((request, result))
            answer = user_control.encode(UserControl(op=Op.RESPONSE, parameter=parameter))
            await self.indicate(self._control, answer)

    async def handed_over(self, stored: StoredFrame) -> None:
        """The weight is there; what the scale makes of it comes right behind."""
        weighed = weight.decode(bytes.fromhex(stored.frame))
        if self._composition is None or isinstance(weighed, Refusal) or weighed.weight is None:
            return
        fat = round(_FAT_PERCENT * 10) if self._committed.is_set() else 0
        said = body_composition.BodyComposition(fat_raw=fat, time=weighed.time, user=self.identity.user_slot)
        await self.indicate(self._composition, body_composition.encode(said))
