"""When a clinic looks at readings: on which days, from when until when, in the ward's own time. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_LOOK_AHEAD = timedelta(days=31)


class Day(StrEnum):
    """The days of a week, as content files write them."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class Hours(BaseModel):
    """On these days somebody looks from `begin` until before `end`, ward time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: tuple[Day, ...] = Field(min_length=1)
    begin: time
    end: time

    @field_validator("begin", "end")
    @classmethod
    def _local(cls, at: time) -> time:
        if at.tzinfo is not None:
            raise ValueError("is a time of day in the ward's own zone: leave the offset out")
        return at

    @model_validator(mode="after")
    def _ends_later(self) -> "Hours":
        if self.begin >= self.end:
            raise ValueError("end must be later than begin: hours over midnight are two entries")
        return self


@dataclass(frozen=True, slots=True)
class Looking:
    """Whether somebody looks now, and when that next changes; None where no change is in reach."""

    is_now: bool
    changes_at: datetime | None


def looking(hours: Sequence[Hours], closed_on: Sequence[date], zone: ZoneInfo, now: datetime) -> Looking:
    """What the hours say of an instant. Times that touch or overlap are one; `closed_on` has none at all."""
    spans = list(_spans(hours, closed_on, zone, now))
    end = now
    for begins, ends in spans:
        if begins <= end < ends:
            end = ends
    if end > now:
        return Looking(is_now=True, changes_at=end)
    return Looking(is_now=False, changes_at=next((begins for begins, _ in spans if begins > now), None))


def _spans(
    hours: Sequence[Hours], closed_on: Sequence[date], zone: ZoneInfo, now: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Each time of looking from today on, by its beginning."""
    today = now.astimezone(zone).date()
    week = list(Day)
    for ahead in range(_LOOK_AHEAD.days + 1):
        day = today + timedelta(days=ahead)
        if day in closed_on:
            continue
        of_day = [one for one in hours if week[day.weekday()] in one.days]
        for one in sorted(of_day, key=lambda one: one.begin):
            yield datetime.combine(day, one.begin, zone), datetime.combine(day, one.end, zone)
