"""`limit_data`: the connection is closed once `bytes` bytes have come through on it."""

from dataclasses import dataclass

from chaos.engine.toxics.settings import Settings
from chaos.engine.toxics.stage import Flow, Stage


@dataclass(frozen=True)
class LimitDataSettings(Settings):
    """Bytes a connection may carry in this direction while the toxic is there; 0 closes it at the first one."""

    bytes: int = 0


class LimitDataStage(Stage[LimitDataSettings]):
    """Counts, cuts the chunk that goes over the limit, and closes."""

    def __init__(self, flow: Flow, settings: LimitDataSettings, seed: str) -> None:
        super().__init__(flow, settings, seed)
        self._passed = 0
        self._closed = False

    def feed(self, chunk: bytes, at: float) -> None:
        if self._closed:
            return
        allowed = chunk[: max(0, self.settings.bytes - self._passed)]
        if allowed:
            self._passed += len(allowed)
            self.onward.feed(allowed, at)
        if self._passed >= self.settings.bytes:
            self.flow.close_at_end(self)
            self.finish(at)

    def finish(self, at: float) -> None:
        if not self._closed:
            self._closed = True
            self.onward.finish(at)
