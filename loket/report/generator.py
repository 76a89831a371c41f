"""The generator's own condition: was the load late, its loop slow, its processor full, a worker lost?

A run whose generator was saturated says nothing about the service; this is what lets a reader see it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from loket.records import Shift


@dataclass(slots=True)
class Strain:
    """The largest figures of any worker within one stretch of the run."""

    send_lateness_ms: float = 0.0
    loop_lag_ms: float = 0.0
    cpu_share: float = 0.0


@dataclass
class Generator:
    """Strain by stretch (`width_s` seconds from each key on), and the workers that never signed off."""

    width_s: int
    strain: dict[int, Strain] = field(default_factory=dict)
    workers: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def see(self, worker: str, shift: Iterable[Shift], origin_ns: int) -> None:
        """Take one worker's record into account; rows from before the origin are left out."""
        ended = False
        for row in shift:
            ended = row.type == "end"
            second = (row.mono_ns - origin_ns) // 1_000_000_000
            if second >= 0 and row.type == "tick":
                strain = self.strain.setdefault(second // self.width_s * self.width_s, Strain())
                strain.send_lateness_ms = max(strain.send_lateness_ms, row.send_lateness_ms)
                strain.loop_lag_ms = max(strain.loop_lag_ms, row.loop_lag_ms)
                strain.cpu_share = max(strain.cpu_share, row.cpu_share)
        self.workers.append(worker)
        if not ended:
            self.lost.append(worker)

    @property
    def worst(self) -> Strain:
        """The largest of each figure over the whole run."""
        worst = Strain()
        for strain in self.strain.values():
            worst.send_lateness_ms = max(worst.send_lateness_ms, strain.send_lateness_ms)
            worst.loop_lag_ms = max(worst.loop_lag_ms, strain.loop_lag_ms)
            worst.cpu_share = max(worst.cpu_share, strain.cpu_share)
        return worst
