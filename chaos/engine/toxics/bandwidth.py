"""`bandwidth`: at most `rate` KB/s (of 1,000 bytes) a connection, in slices of 100 ms; 0 lets nothing through."""

from dataclasses import dataclass

from chaos.engine.toxics.carrying import CarryingStage
from chaos.engine.toxics.settings import Settings

SLICE_MS = 100


@dataclass(frozen=True)
class BandwidthSettings(Settings):
    """Kilobytes a second, which is bytes a millisecond."""

    rate: int = 0


class BandwidthStage(CarryingStage[BandwidthSettings]):
    """A pipe of fixed width: a slice leaves when it has been carried, and the next starts then."""

    def measure(self) -> int:
        return self.settings.rate * SLICE_MS

    def carried_s(self, size: int) -> float:
        return size / self.settings.rate / 1000
