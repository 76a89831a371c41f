"""The block of an experiment file about the load: who comes for how many places, when, over which networks.

Attributes carry their unit (`rush_s`); the file's fields carry it in the value (`rush: 30s`).
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from loket.experiment.arrivals import Arrivals
from loket.experiment.block import Block
from loket.experiment.words import LastingDuration, NetworkName, ProfileName, Share
from loket.load.arrivals import Wave


class Load(Block):
    """Who comes for how many places, and when. `opens_at` counts from the start of the run.

    `people` come along the scenario's own curve; `arrivals` in their place say when everybody comes.
    """

    people: int | None = Field(default=None, ge=1)
    arrivals: Annotated[tuple[Arrivals, ...], Field(min_length=1)] | None = None
    places: int | None = Field(default=None, ge=1)
    days: int = Field(default=1, ge=1, le=366)
    opens_at_s: LastingDuration = Field(alias="opens_at")
    rush_s: LastingDuration = Field(alias="rush")
    drain_s: LastingDuration = Field(default=30.0, alias="drain")
    patience_s: LastingDuration = Field(alias="patience")
    profile: NetworkName | None = None
    profiles: Mapping[ProfileName, Share] | None = None
    workers: int = Field(default=1, ge=1, le=64)

    @property
    def waves(self) -> tuple[Wave, ...]:
        """What the load's workers are told of the arrivals."""
        if self.arrivals is None:
            return (Wave(crowd=self.people or 0),)
        return tuple(pattern.wave(self.opens_at_s) for pattern in self.arrivals)

    @property
    def ends_s(self) -> float:
        """The second of the run in which the drain ends."""
        return self.opens_at_s + self.rush_s + self.drain_s

    def phase_at(self, second: float) -> str:
        """The phase that this second of the run lies in: closed, rush or drain."""
        if second < self.opens_at_s:
            return "closed"
        return "rush" if second < self.opens_at_s + self.rush_s else "drain"
