"""A behaviour: something done to a server over real sockets, and what each of the two servers then shows.

What is done is a function that drives a bench and returns in a few words what it saw; its docstring says what was
done, in one sentence, and stands in `docs/toxiproxy-compatibility.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tests.conformance.bench import Bench
from tests.conformance.servers import ENGINE


class Kind(StrEnum):
    """What a difference means to a user of Toxiproxy: nothing that matters, or that a fault of it is mended."""

    COMPATIBLE = "compatible"
    BETTER = "better"


@dataclass(frozen=True)
class Difference:
    """What the engine shows instead, and why it should."""

    shows: str
    kind: Kind
    why: str


def better(shows: str, why: str) -> Difference:
    return Difference(shows, Kind.BETTER, why)


def compatible(shows: str, why: str) -> Difference:
    return Difference(shows, Kind.COMPATIBLE, why)


@dataclass(frozen=True)
class Behaviour:
    """`toxiproxy` is what Toxiproxy shows, and the engine too where `engine` is None."""

    drive: Callable[[Bench], str]
    toxiproxy: str
    engine: Difference | None = None

    @property
    def name(self) -> str:
        return self.drive.__name__.replace("_", " ")

    @property
    def deed(self) -> str:
        """What is done, in one sentence without its full stop."""
        return " ".join((self.drive.__doc__ or "").split()).removesuffix(".")

    def expected(self, kind: str) -> str:
        """What the server of that kind must show."""
        return self.engine.shows if kind == ENGINE and self.engine else self.toxiproxy
