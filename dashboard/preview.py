"""What a limit would have done: the patient's last weeks gone through twice, with it and without."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.history.tryout import TriedAlert
from alerts.history.tryout_ward import Asked, own_limit_alerts
from dashboard import book
from dashboard.words import say
from store import histories
from store.connection import Connection
from vitals.ids import PatientId

LOOK_BACK = timedelta(days=60)


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
    rows = histories.watched(connection, [patient_id], now=now)
    if not rows or (rows[0].discharged_at is not None and rows[0].discharged_at <= now):
        return None
    asked = Asked(ward_id=rows[0].ward_id, since=now - LOOK_BACK, until=now, patient_id=patient_id)
    before, after = own_limit_alerts(connection, book.in_force(), name, value, asked)
    return Preview(
        days=LOOK_BACK.days,
        now=_using(before, name),
        proposed=_using(after, name),
        all_now=len(before),
        all_proposed=len(after),
    )


def _using(alerts: Sequence[TriedAlert], name: str) -> int:
    return sum(name in one.limits for one in alerts)
