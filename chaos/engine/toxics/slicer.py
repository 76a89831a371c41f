"""`slicer`: chunks are cut to `average_size` ± `size_variation` bytes, each followed by a pause of `delay` µs."""

from dataclasses import dataclass

from chaos.engine.errors import InvalidAttribute
from chaos.engine.toxics.carrying import CarryingStage
from chaos.engine.toxics.settings import Settings


@dataclass(frozen=True)
class SlicerSettings(Settings):
    """Bytes, bytes, microseconds. Clients commonly send a variation equal to the average: slices of 1 byte and up."""

    average_size: int = 0
    size_variation: int = 0
    delay: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.average_size < 1:
            raise InvalidAttribute("average_size must be at least 1")
        if self.size_variation > self.average_size:
            raise InvalidAttribute("size_variation must not exceed average_size")


class SlicerStage(CarryingStage[SlicerSettings]):
    """Writes slice by slice. Without a pause the slices are separate writes of one moment."""

    def measure(self) -> int:
        mean, variation = self.settings.average_size, self.settings.size_variation
        return max(1, self.rng.randint(mean - variation, mean + variation)) if variation else mean

    def pause_s(self) -> float:
        return self.settings.delay / 1_000_000
