"""`latency`: every chunk arrives later, by `latency` ms give or take `jitter` ms, in its order.

The delay counts from the chunk's own arrival, so a stream keeps its pace: a round trip is longer, not thinner.
"""

from dataclasses import dataclass

from chaos.engine.toxics.holding import HoldingStage
from chaos.engine.toxics.settings import Settings


@dataclass(frozen=True)
class LatencySettings(Settings):
    """Milliseconds; the jitter is uniform on both sides."""

    latency: int = 0
    jitter: int = 0


class LatencyStage(HoldingStage[LatencySettings]):
    """Holds each chunk for its delay. What is under way when the settings change keeps its time."""

    # What a fast sender may have under way at once: 4 MiB a second at a latency of one second.
    capacity_bytes = 4 * 1024 * 1024

    def feed(self, chunk: bytes, at: float) -> None:
        self.hold(at + self._delay_s(), chunk)

    def _delay_s(self) -> float:
        jitter = self.settings.jitter
        spread = self.rng.uniform(-jitter, jitter) if jitter else 0.0
        return max(0.0, self.settings.latency + spread) / 1000
