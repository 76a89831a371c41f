"""`http_latency`: the answer comes later, by `latency` ms give or take `jitter` ms; other requests' answers do not."""

from dataclasses import dataclass

from chaos.engine.toxics.exchange import ExchangeStage
from chaos.engine.toxics.matching import HttpSettings
from chaos.engine.traffic.framer import Kind, Piece


@dataclass(frozen=True)
class HttpLatencySettings(HttpSettings):
    """Milliseconds; the jitter is uniform on both sides."""

    latency: int = 0
    jitter: int = 0


class HttpLatencyStage(ExchangeStage[HttpLatencySettings]):
    """One delay an answer, drawn at its head: the rest of it keeps its distance."""

    capacity_bytes = 4 * 1024 * 1024
    _delay_s = 0.0

    def touch(self, piece: Piece, at: float) -> None:
        if piece.kind is Kind.HEAD:
            jitter = self.settings.jitter
            spread = self.rng.uniform(-jitter, jitter) if jitter else 0.0
            self._delay_s = max(0.0, self.settings.latency + spread) / 1000
        if piece.data:
            self.hold(at + self._delay_s, piece.data)
