"""`timeout`: nothing comes through; after `timeout` ms the connection is closed, with 0 it hangs until removal."""

from dataclasses import dataclass

from chaos.engine.clock import Appointment
from chaos.engine.toxics.settings import Settings
from chaos.engine.toxics.stage import Flow, Stage


@dataclass(frozen=True)
class TimeoutSettings(Settings):
    """Milliseconds from when the toxic takes hold of the connection; 0 is for ever."""

    timeout: int = 0


class TimeoutStage(Stage[TimeoutSettings]):
    """Drops data and keeps the end to itself. Bytes are missing from the stream then, so removal closes it."""

    silent = True

    def __init__(self, flow: Flow, settings: TimeoutSettings, seed: str) -> None:
        super().__init__(flow, settings, seed)
        self._since = flow.clock.now()
        self._timer: Appointment | None = None

    def begin(self) -> None:
        self._look()

    def feed(self, chunk: bytes, at: float) -> None:
        pass

    def finish(self, at: float) -> None:
        self.flow.swallow_end()

    def update(self, settings: TimeoutSettings) -> None:
        super().update(settings)
        self._look()

    def release(self) -> None:
        self.flow.close(self)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Close the connection if it is time, or look again when it will be."""
        self.stop()
        if not self.settings.timeout:
            return
        due = self._since + self.settings.timeout / 1000
        if due <= self.flow.clock.now():
            self.flow.close(self)
        else:
            self._timer = self.flow.clock.call_at(due, self._look)
