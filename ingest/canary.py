"""The canary: ingest speaks to itself through the broker, so that a deaf session is noticed."""

from dataclasses import dataclass

EVERY_S = 30.0
LOST_AFTER_S = 90.0


@dataclass(slots=True)
class Canary:
    """Counts from when the present connection was made. All times are of one monotonic clock, in seconds.

    The broker may hold the connection, answer its pings and deliver nothing; only a message of our own that
    does not come back shows it.
    """

    since_s: float = 0.0
    sent_s: float | None = None
    allowed: bool = True

    def connected(self, now_s: float) -> None:
        """A new connection: whatever was on its way is forgotten."""
        self.since_s = now_s
        self.sent_s = None

    def is_due(self, now_s: float) -> bool:
        """Whether to publish one now."""
        last_s = self.since_s if self.sent_s is None else self.sent_s
        return self.allowed and now_s - last_s >= EVERY_S

    def sent(self, now_s: float) -> None:
        """One was published."""
        self.sent_s = now_s

    def refused(self) -> None:
        """The broker does not let us speak to ourselves: there will be no more canaries."""
        self.allowed = False

    def heard(self, now_s: float) -> None:
        """One came back."""
        self.since_s = now_s

    def is_lost(self, now_s: float) -> bool:
        """Whether canaries were sent and none has come back for too long."""
        return self.allowed and self.sent_s is not None and now_s - self.since_s >= LOST_AFTER_S
