"""`slow_close`: data comes through at once, the close `delay` ms later."""

from dataclasses import dataclass

from chaos.engine.toxics.holding import HoldingStage
from chaos.engine.toxics.settings import Settings


@dataclass(frozen=True)
class SlowCloseSettings(Settings):
    """Milliseconds from the sender's close."""

    delay: int = 0


class SlowCloseStage(HoldingStage[SlowCloseSettings]):
    """Holds the end of the stream alone."""

    def feed(self, chunk: bytes, at: float) -> None:
        self.onward.feed(chunk, at)

    def finish(self, at: float) -> None:
        self.hold(at + self.settings.delay / 1000, b"")
