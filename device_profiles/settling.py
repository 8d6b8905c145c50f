"""When a running measurement may be believed: frames that agree, and windows of a stream."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median

from device_profiles.measurement import Amount, Measurement
from vitals.measure import Measure

WINDOW = timedelta(minutes=1)
FEWEST_SAMPLES = 3


class Agreement:
    """For a device without a final frame: believes a weight once so many frames in a row agree."""

    def __init__(self, frames: int, tolerance: float) -> None:
        self._frames = frames
        self._tolerance = tolerance
        self._last: list[float] = []
        self._believed: float | None = None

    def offer(self, measurement: Measurement) -> Measurement | None:
        """The measurement, final now, where it is the one that settles it; else None."""
        weight = measurement.amounts.get(Measure.WEIGHT)
        if weight is None or weight.value is None or measurement.withheld:
            return None
        self._last = [*self._last, weight.value][-self._frames :]
        settled = len(self._last) == self._frames
        if not settled or max(self._last) - min(self._last) > self._tolerance:
            return None
        if self._believed is not None and abs(self._believed - weight.value) <= self._tolerance:
            return None
        self._believed = weight.value
        return replace(measurement, final=True)


class StreamWindow:
    """Makes one measurement of a minute of a stream: the median of what was usable.

    A shorter session makes one too, at its end. Where nothing was usable in all of it, the last failure is
    what there is to say.
    """

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._samples: list[Measurement] = []
        self._raw = b""
        self._failed: tuple[Measurement, bytes] | None = None
        self._spoke = False

    def add(
        self, measurement: Measurement, raw: bytes, received_at: datetime
    ) -> list[tuple[Measurement, bytes]]:
        """The measurement of the window that this sample closes; mostly none."""
        closed: list[tuple[Measurement, bytes]] = []
        if self._since is not None and received_at - self._since >= WINDOW:
            closed = self._close()
        if measurement.failure is not None:
            self._failed = (measurement, raw)
            return closed
        if self._since is None:
            self._since = received_at
        self._samples.append(measurement)
        self._raw = raw
        return closed

    def finish(self) -> list[tuple[Measurement, bytes]]:
        """What is left at the end of the session."""
        closed = self._close()
        if closed or self._spoke or self._failed is None:
            return closed
        return [self._failed]

    def _close(self) -> list[tuple[Measurement, bytes]]:
        samples, raw = self._samples, self._raw
        self._since, self._samples = None, []
        if len(samples) < FEWEST_SAMPLES:
            return []
        self._spoke = True
        flags = Counter(flag for sample in samples for flag in sample.quality)
        quality = frozenset(flag for flag, count in flags.items() if 2 * count > len(samples))
        return [(replace(samples[-1], amounts=_medians(samples), quality=quality), raw)]


def _medians(samples: list[Measurement]) -> Mapping[Measure, Amount]:
    medians: dict[Measure, Amount] = {}
    for measure, last in samples[-1].amounts.items():
        values = [
            amount.value
            for sample in samples
            if (amount := sample.amounts.get(measure)) is not None and amount.value is not None
        ]
        if values:
            medians[measure] = replace(last, value=median(values))
    return medians
