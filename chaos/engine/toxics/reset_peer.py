"""`reset_peer`: both sides get a TCP reset, at once or `timeout` ms after the toxic takes hold; no data until then."""

from dataclasses import dataclass

from chaos.engine.clock import Appointment
from chaos.engine.toxics.settings import Settings
from chaos.engine.toxics.stage import Flow, Stage


@dataclass(frozen=True)
class ResetPeerSettings(Settings):
    """Milliseconds from when the toxic takes hold of the connection."""

    timeout: int = 0


class ResetPeerStage(Stage[ResetPeerSettings]):
    """Drops data, then resets. Removed before its time it closes the connection, whose stream has a gap by then."""

    def __init__(self, flow: Flow, settings: ResetPeerSettings, seed: str) -> None:
        super().__init__(flow, settings, seed)
        self._since = flow.clock.now()
        self._dropped = False
        self._timer: Appointment | None = None

    def begin(self) -> None:
        self._look()

    def feed(self, chunk: bytes, at: float) -> None:
        self._dropped = True

    def finish(self, at: float) -> None:
        self._dropped = True

    def update(self, settings: ResetPeerSettings) -> None:
        super().update(settings)
        self._look()

    def release(self) -> None:
        self.stop()
        if self._dropped:
            self.flow.close(self)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Reset the connection if it is time, or look again when it will be."""
        self.stop()
        due = self._since + self.settings.timeout / 1000
        if due <= self.flow.clock.now():
            self.flow.reset(self)
        else:
            self._timer = self.flow.clock.call_at(due, self._look)
