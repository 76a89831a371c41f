"""`http_garble`: the answer's body is no JSON any more; its length and everything else stay as they were."""

from chaos.engine.toxics.exchange import ExchangeStage
from chaos.engine.toxics.matching import HttpSettings
from chaos.engine.traffic.framer import Kind, Piece

# No JSON text begins with it.
GARBLED = b"}"


class HttpGarbleStage(ExchangeStage[HttpSettings]):
    """Puts another byte in the place of the body's first one."""

    _garbled = False

    def touch(self, piece: Piece, at: float) -> None:
        if piece.kind is Kind.HEAD:
            self._garbled = False
        if piece.kind is Kind.BODY and not self._garbled:
            self._garbled = True
            self.forward(GARBLED + piece.data[1:], at)
        else:
            self.forward(piece.data, at)
