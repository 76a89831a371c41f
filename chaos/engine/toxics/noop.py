"""`noop`: changes nothing. Useful to see in the decision log which connections a share of traffic would be."""

from dataclasses import dataclass

from chaos.engine.toxics.settings import Settings
from chaos.engine.toxics.stage import Stage


@dataclass(frozen=True)
class NoopSettings(Settings):
    """None."""


class NoopStage(Stage[NoopSettings]):
    """Passes everything on."""
