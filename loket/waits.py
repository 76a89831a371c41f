"""A wait for a payment code: what the audit finds in the people's journal, and what gates are judged on."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Wait:
    """One person's wait: when it began, in seconds of the run, and how long it took; None if no code was ever seen."""

    begun_s: float
    waited_s: float | None

    @property
    def ended_s(self) -> float:
        """When the code was seen, in seconds of the run; infinite if it never was."""
        return inf if self.waited_s is None else self.begun_s + self.waited_s
