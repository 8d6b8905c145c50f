"""How the hub is, as the bar on every screen and the page Settings show it."""

from collections.abc import Sequence
from datetime import datetime

from alerts.notify.wording import NO_CHANNEL, NO_CONTACT
from dashboard.components import Json
from dashboard.views.reports import duration
from dashboard.words import say
from store.troubles import ChannelCount, GivenUp, HubState

PROCESSES = ("alerts", "ingest", "notify")
"""Those whose silence means that nobody watches, or that nobody is told."""

_IDLE = {NO_CHANNEL: "no_channel", NO_CONTACT: "no_contact"}


def watch_data(state: HubState, ward_id: str, now: datetime) -> dict[str, Json]:
    """What a ward's screens hear of the hub with each heartbeat; words and ages are the page's."""
    beats = {beat.process: beat for beat in state.beats}
    notify = beats.get("notify")
    unstaffed = state.unstaffed.get(ward_id)
    return {
        "beats": {name: (now - beats[name].age).isoformat() for name in PROCESSES if name in beats},
        "idle": _IDLE.get(notify.detail) if notify else None,
        "channels": [
            {"name": one.channel, "since": one.failing_since.isoformat(), "why": one.why}
            for one in state.channels
        ],
        "failed": state.failed.get(ward_id, 0),
        "unstaffed": {
            "duties": list(unstaffed.duties),
            "nobody": unstaffed.nobody,
            "since": unstaffed.since.isoformat(),
        }
        if unstaffed
        else None,
        "offline": state.gateways_offline,
    }


def given_up_props(given_up: Sequence[GivenUp]) -> list[Json]:
    """What could not be delivered, and of which alert."""
    return [
        {
            "key": f"{one.alert_id}/{one.ended_at.isoformat()}/{one.channel}",
            "alert": one.alert_id,
            "href": f"/app/alerts/{one.alert_id}",
            "to": one.staff_name,
            "channel": one.channel,
            "why": one.result,
            "at": one.ended_at.isoformat(),
        }
        for one in given_up
    ]


def channel_props(channels: Sequence[ChannelCount]) -> list[Json]:
    """How people were told: by which channel, how often it failed, how long it took."""
    return [
        {
            "name": one.channel,
            "sent": one.sent,
            "failed": one.failed,
            "median": _seconds(one) if one.median_to_sent else say("None delivered"),
        }
        for one in channels
    ]


def _seconds(one: ChannelCount) -> str:
    span = one.median_to_sent
    if span is not None and span.total_seconds() < 90:
        return say("{n} s", n=round(span.total_seconds()))
    return duration(span)
