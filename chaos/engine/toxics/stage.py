"""A stage: one toxic at work on one direction of one connection. Stages stand in a row, each feeding the next.

This base passes everything on; a toxic overrides what it disturbs. Each chunk travels with the instant it left the
stage before, so that delays count from a chunk's arrival and do not add up through late timers.
"""

from functools import cached_property
from random import Random
from typing import Any, Generic, Protocol, TypeVar

from chaos.engine.clock import Clock

S = TypeVar("S")


class Onward(Protocol):
    """Whatever comes next: another stage, or the end of the row that writes to the socket."""

    def feed(self, chunk: bytes, at: float) -> None:
        """Take a chunk that came at `at` (seconds of the engine's clock)."""
        ...

    def finish(self, at: float) -> None:
        """The sender has closed its side: nothing follows."""
        ...


class Flow(Protocol):
    """What a stage may do to the connection it stands in."""

    clock: Clock

    @property
    def fresh(self) -> bool:
        """Whether nothing has left the row yet: a stage that joins now sees the stream from its beginning."""
        ...

    def note(self, by: "AnyStage", decision: str, request: str, trace_id: str | None) -> None:
        """Say what was decided about one request."""
        ...

    def close(self, by: "AnyStage") -> None:
        """Close both sides at once; what the sockets already took is still delivered."""
        ...

    def reset(self, by: "AnyStage") -> None:
        """Reset (RST) both sides at once."""
        ...

    def close_at_end(self, by: "AnyStage") -> None:
        """Close both sides, instead of one, when the end that the stage passes on now has arrived."""
        ...

    def swallow_end(self) -> None:
        """Say that the sender's close will not be passed on."""
        ...

    def pressure_changed(self) -> None:
        """Say that `held_bytes` has changed: the sender is paused while a stage is full."""
        ...


class Stage(Generic[S]):
    """Passes chunks on unchanged. `seed` names the stream of random numbers that this stage alone draws from."""

    capacity_bytes = 64 * 1024
    # Whether nothing at all comes through, not even that the sender has gone.
    silent = False
    held_bytes = 0
    onward: Onward

    def __init__(self, flow: Flow, settings: S, seed: str) -> None:
        self.flow = flow
        self.settings = settings
        self._seed = seed

    @cached_property
    def rng(self) -> Random:
        return Random(self._seed)

    def begin(self) -> None:
        """The toxic takes hold; `onward` is set by now."""

    def feed(self, chunk: bytes, at: float) -> None:
        self.onward.feed(chunk, at)

    def finish(self, at: float) -> None:
        self.onward.finish(at)

    def update(self, settings: S) -> None:
        """The toxic's settings have changed."""
        self.settings = settings

    def release(self) -> None:
        """The toxic is removed: pass on at once, in order, what is held."""

    def stop(self) -> None:
        """The connection is gone: forget what is held, cancel what was planned."""


# A row of stages mixes kinds of settings; the registry pairs each kind with its own.
AnyStage = Stage[Any]
