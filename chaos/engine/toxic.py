"""A toxic on a proxy: one fault with a name, a direction, settings, and the share of connections that it touches.

Whether it touches a connection is drawn once, when the two first meet, and kept: a change of the share compares the
same draw anew. The draws come from a stream that seed, proxy and toxic name alone determine.
"""

from dataclasses import asdict
from enum import StrEnum
from random import Random

from chaos.engine.toxics.exchange import ExchangeStage
from chaos.engine.toxics.registry import KINDS
from chaos.engine.toxics.settings import Settings
from chaos.engine.toxics.shared_bandwidth import Pipe, SharedBandwidthStage
from chaos.engine.toxics.stage import AnyStage, Flow


class Direction(StrEnum):
    """Which way the data runs: `upstream` from the client, `downstream` to it."""

    UPSTREAM = "upstream"
    DOWNSTREAM = "downstream"


class Toxic:
    """The toxic as the API shows it, and the draws it makes."""

    def __init__(self, name: str, type_: str, stream: str, toxicity: float, settings: Settings, seed: str) -> None:
        """`stream` is kept as it was written; `seed` names the stream of draws."""
        self.name = name
        self.type = type_
        self.stream = stream
        self.direction = Direction(stream.lower())
        self.toxicity = toxicity
        self.settings = settings
        self._seed = f"{seed}/{name}"
        self._draws = Random(self._seed)
        self._requests = 0
        self._pipe: Pipe | None = None

    @property
    def at_door(self) -> bool:
        """Whether it keeps new connections from being dialled."""
        return KINDS[self.type].at_door

    @property
    def by_request(self) -> bool:
        """Whether the share is one of requests, and not of connections."""
        return KINDS[self.type].by_request

    def draw(self) -> float:
        """The next connection's draw, in [0, 1)."""
        return self._draws.random()

    def touches(self, draw: float) -> bool:
        """Whether a connection with this draw is among the share the toxic touches; all are, where requests decide."""
        return self.by_request or draw < self.toxicity

    def count_in(self, most: int) -> bool:
        """Count one more request touched; False, and not counted, where `most` (0: no limit) are already."""
        if most and self._requests >= most:
            return False
        self._requests += 1
        return True

    def stage(self, flow: Flow, draw: float) -> AnyStage:
        """The toxic at work on one connection. The draw seeds what the stage itself leaves to chance."""
        stage = KINDS[self.type].stage(flow, self.settings, f"{self._seed}/{draw!r}")
        if isinstance(stage, ExchangeStage):
            stage.chooser = self
        if isinstance(stage, SharedBandwidthStage):
            self._pipe = self._pipe or Pipe(flow.clock)
            stage.pipe = self._pipe
        return stage

    def describe(self) -> str:
        """Type, direction, share and settings in one line."""
        settings = ", ".join(f"{name} {value}" for name, value in asdict(self.settings).items())
        return f"{self.type} {self.direction}, toxicity {self.toxicity:g}" + (f", {settings}" if settings else "")

    def as_json(self) -> dict[str, object]:
        share = int(self.toxicity) if self.toxicity.is_integer() else self.toxicity
        return {
            "attributes": asdict(self.settings),
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": share,
        }
