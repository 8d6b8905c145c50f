"""What the dashboard is meant to do, beside what was measured: reached or missed, in plain words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One line: what was measured must stay below `below`."""

    what: str
    measured: float
    below: float
    unit: str
    detail: str = ""

    @property
    def reached(self) -> bool:
        """Whether it did."""
        return self.measured < self.below

    def line(self) -> str:
        """The goal as it is printed."""
        word = "reached" if self.reached else "MISSED "
        detail = f"   ({self.detail})" if self.detail else ""
        measured = f"{self.measured:8.1f} {self.unit:<2} of {self.below:g} {self.unit}"
        return f"{word}  {self.what:<44} {measured}{detail}"


def percentile(values: list[float], share: float) -> float:
    """The value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
