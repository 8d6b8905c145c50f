"""What a limit would have done: the patient's last weeks gone through twice, with it and without."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.book.limits import OwnLimit
from alerts.gather import gather
from alerts.history.replay import Call, History, Replay
from alerts.readings.measured import Measured
from alerts.rules.view import View
from dashboard import book
from dashboard.words import say
from store import histories
from store import limits as stored_limits
from store.connection import Connection
from store.histories import ReadingRow
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

LOOK_BACK = timedelta(days=60)
# A nurse is played who closes each alert a day later; an alert that stays open would hide the next.
_ANSWERED_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """How many alerts the rules that use the limit would have raised in `days`: as it is, and as proposed."""

    days: int
    now: int
    proposed: int
    all_now: int
    all_proposed: int

    @property
    def words(self) -> str:
        """The answer in one sentence."""
        before, after = _alerts(self.now), _alerts(self.proposed)
        if self.now == self.proposed:
            return say(
                "In the last {days} days this limit would have made {after}, as it did.",
                days=self.days,
                after=after,
            )
        return say(
            "In the last {days} days this limit would have made {after} instead of {before}.",
            days=self.days,
            after=after,
            before=before,
        )

    @property
    def detail(self) -> str:
        """What that means for all of the patient's alerts."""
        return say(
            "All alerts of this patient: {after} instead of {before}.",
            after=self.all_proposed,
            before=self.all_now,
        )


def _alerts(count: int) -> str:
    return say("no alert" if count == 0 else "1 alert" if count == 1 else "{n} alerts", n=count)


def preview_limit(
    connection: Connection, patient_id: PatientId, name: str, value: float, now: datetime
) -> Preview | None:
    """What the limit would have done; None where the patient is not on a ward now."""
    found = gather(connection, book.in_force(), [patient_id], now).get(patient_id)
    if found is None:
        return None
    since = now - LOOK_BACK
    read = histories.readings(connection, {patient_id: since})[patient_id]
    rows = [row for row in read if max(row.measured_at, row.received_at) <= now]
    # As if what is in force today had been in force all along: so only the proposal differs.
    own = [
        OwnLimit(name=row.name, value=row.value, author=row.author, reason=row.reason, set_at=since)
        for row in stored_limits.of_patients(connection, [patient_id], now=now)
        if row.expires_at is None or row.expires_at > now
    ]
    proposal = OwnLimit(
        name=name, value=value, author="preview", reason="preview", set_at=since,
        expires_at=now + timedelta(days=1),
    )  # fmt: skip
    before = _calls(found.view, rows, own, since, now)
    after = _calls(found.view, rows, [*own, proposal], since, now)
    return Preview(
        days=LOOK_BACK.days,
        now=_using(before, name),
        proposed=_using(after, name),
        all_now=len(before),
        all_proposed=len(after),
    )


def _calls(
    view: View, rows: Sequence[ReadingRow], own: Sequence[OwnLimit], since: datetime, now: datetime
) -> list[Call]:
    history = History(
        patient=view.patient,
        readings=[_measured(row) for row in rows],
        limits=own,
        answers=view.answers,
        breaks=view.breaks,
    )
    replay = Replay(history, view.rules, answer_after=_ANSWERED_AFTER, since=since)
    replay.advance(now)
    return [call for call in replay.calls if call.is_new]


def _using(calls: Sequence[Call], name: str) -> int:
    return sum(any(limit.name == name for limit in call.breach.limits) for call in calls)


def _measured(row: ReadingRow) -> Measured:
    standing = Standing(row.standing)
    return Measured(
        reading_id=ReadingId(row.reading_id),
        at=row.measured_at,
        known_at=row.received_at,
        values={Measure(measure): value for measure, value in zip(row.measures, row.measured, strict=True)},
        quality=frozenset(Quality(word) for word in row.quality),
        device_id=None if row.device_id is None else DeviceId(row.device_id),
        decided=None if standing is Standing.ACCEPTED else standing,
    )
