"""`http_lose`: the server does the work and answers; the answer is lost.

Then the connection says nothing more, and is closed `timeout` ms after the answer; with 0 it hangs until removal.
"""

from dataclasses import dataclass

from chaos.engine.clock import Appointment
from chaos.engine.toxics.exchange import ExchangeStage
from chaos.engine.toxics.matching import HttpSettings
from chaos.engine.traffic.framer import Kind, Piece


@dataclass(frozen=True)
class HttpLoseSettings(HttpSettings):
    """Milliseconds from the end of the lost answer; 0 is for ever."""

    timeout: int = 0


class HttpLoseStage(ExchangeStage[HttpLoseSettings]):
    """Drops the answer, and everything that would come behind it: a client could not tell which request it is for."""

    _timer: Appointment | None = None

    def touch(self, piece: Piece, at: float) -> None:
        self.silent = True
        if piece.kind is Kind.END:
            self._close_later(at)

    def forward(self, data: bytes, at: float) -> None:
        if not self.silent:
            super().forward(data, at)

    def finish(self, at: float) -> None:
        if self.silent:
            self._close_later(at)
            self.flow.swallow_end()
        else:
            super().finish(at)

    def release(self) -> None:
        super().release()
        if self.silent:
            self.flow.close(self)

    def stop(self) -> None:
        super().stop()
        if self._timer is not None:
            self._timer.cancel()

    def _close_later(self, at: float) -> None:
        if self.settings.timeout and self._timer is None:
            due = at + self.settings.timeout / 1000
            self._timer = self.flow.clock.call_at(due, lambda: self.flow.close(self))
