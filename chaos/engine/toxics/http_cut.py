"""`http_cut`: of the answer's body so many bytes come through, then the connection is closed."""

from dataclasses import dataclass

from chaos.engine.toxics.exchange import ExchangeStage
from chaos.engine.toxics.matching import HttpSettings
from chaos.engine.traffic.framer import Kind, Piece


@dataclass(frozen=True)
class HttpCutSettings(HttpSettings):
    """`bytes` of the body; 0 leaves the head alone. A body that is shorter comes whole, and the connection stays."""

    bytes: int = 0


class HttpCutStage(ExchangeStage[HttpCutSettings]):
    """Counts the body, cuts the piece that goes over the limit, and closes behind what is on its way."""

    _passed_bytes = 0
    _closed = False

    def touch(self, piece: Piece, at: float) -> None:
        if self._closed:
            return
        if piece.kind is Kind.HEAD:
            self._passed_bytes = 0
        if piece.kind is not Kind.BODY:
            self.forward(piece.data, at)
            return
        allowed = piece.data[: max(0, self.settings.bytes - self._passed_bytes)]
        self._passed_bytes += len(allowed)
        self.forward(allowed, at)
        if len(allowed) < len(piece.data):
            self._closed = True
            self.flow.close_at_end(self)
            super().finish(at)

    def forward(self, data: bytes, at: float) -> None:
        if not self._closed:
            super().forward(data, at)

    def finish(self, at: float) -> None:
        if not self._closed:
            super().finish(at)
