"""One connection through a proxy: the client, the upstream dialled for it, and a lane each way.

Each side's close is passed on by itself (half-close), a side that vanishes without a close is passed on as a reset.
"""

from collections.abc import Iterator
from typing import Protocol

from chaos.engine.clock import Clock
from chaos.engine.lane import Lane
from chaos.engine.side import Side
from chaos.engine.toxic import Direction, Toxic
from chaos.engine.toxics.exchange import ExchangeStage, RequestWatcher
from chaos.engine.toxics.stage import AnyStage, Flow, Stage

DOORSTEP = ""


class Doorstep(Stage[None]):
    """Keeps what the client sends until the upstream has answered the dial; full with the first byte."""

    capacity_bytes = 0

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow, None, "")
        self._chunks: list[bytes] = []
        self._ended = False

    def feed(self, chunk: bytes, at: float) -> None:
        self._chunks.append(chunk)
        self.held_bytes += len(chunk)
        self.flow.pressure_changed()

    def finish(self, at: float) -> None:
        self._ended = True

    def release(self) -> None:
        now = self.flow.clock.now()
        self.held_bytes = 0
        for chunk in self._chunks:
            self.onward.feed(chunk, now)
        if self._ended:
            self.onward.finish(now)


class Owner(Protocol):
    """The proxy, as its connections see it."""

    def accepted(self, connection: "Connection") -> None: ...

    def opened(self, connection: "Connection") -> None: ...

    def noted(
        self, connection: "Connection", toxic: str, decision: str, request: str, trace_id: str | None
    ) -> None: ...

    def reset_sent(self, connection: "Connection") -> None: ...

    def gone(self, connection: "Connection") -> None: ...


class Connection:
    """`draws` and `decisions` keep each toxic's draw and what came of it; `ended_by` names the toxic that ended it."""

    def __init__(self, number: int, owner: Owner, clock: Clock) -> None:
        self.number = number
        self.draws: dict[str, float] = {}
        self.decisions: dict[str, bool] = {}
        self.ended_by: str | None = None
        self.open = False  # from the upstream's answer to the end: toxics may take hold
        self._owner = owner
        self._stopped = False
        self.client, self.upstream = Side(self), Side(self)
        self.up = self.client.out = self.upstream.into = Lane(self, self.client, self.upstream, clock)
        self.down = self.upstream.out = self.client.into = Lane(self, self.upstream, self.client, clock)
        self.up.install(DOORSTEP, Doorstep(self.up))

    def lane(self, direction: Direction) -> Lane:
        return self.up if direction is Direction.UPSTREAM else self.down

    def expose(self, toxic: Toxic, applies: bool) -> None:
        """Bring the toxic's stage here, take it away, or tell it that its settings may have changed."""
        lane = self.lane(toxic.direction)
        stage = lane.stage_of(toxic.name)
        if not applies:
            self._remove(toxic.name)
        elif stage is None:
            self._install(toxic.name, lane, toxic.stage(lane, self.draws[toxic.name]))
        else:
            stage.update(toxic.settings)

    def forget(self, toxic: Toxic) -> None:
        """The toxic is removed from the proxy."""
        self.draws.pop(toxic.name, None)
        self.decisions.pop(toxic.name, None)
        self._remove(toxic.name)

    def side_made(self, side: Side) -> None:
        if self._stopped:
            side.abort()
        elif side is self.client:
            self._owner.accepted(self)
        else:
            self.open = True
            self._owner.opened(self)
            self.up.remove(DOORSTEP)

    def side_lost(self, side: Side) -> None:
        if not self._stopped:
            self._follow(side)
        if all(side.lost or not side.made for side in self._sides()):
            self._owner.gone(self)

    def lane_changed(self) -> None:
        """End the connection when both lanes have ended, or one from a side that is no longer there."""
        up, down = self.up, self.down
        toxic = (up.finished and up.closed_by) or (down.finished and down.closed_by)
        both_ended = up.finished and (down.finished or down.swallowed)
        if toxic:
            self.ended_by = toxic
        if toxic or both_ended or up.swallowed or any(side.lost and side.out.finished for side in self._sides()):
            self.drain()

    def noted(self, toxic: str, decision: str, request: str, trace_id: str | None) -> None:
        """A toxic has decided about a request."""
        self._owner.noted(self, toxic, decision, request, trace_id)

    def drain(self) -> None:
        """Close both sides when what was written to them is delivered."""
        self._stop()
        for side in self._sides():
            side.close()

    def abort(self, by: str | None = None) -> None:
        """Close both sides now; `by` names the toxic that did it."""
        self.ended_by = self.ended_by or by
        self._stop()
        for side in self._sides():
            side.abort()

    def reset(self, by: str | None = None) -> None:
        """Reset both sides now; `by` names the toxic that did it."""
        self.ended_by = self.ended_by or by
        self._stop()
        self._owner.reset_sent(self)
        for side in self._sides():
            side.reset()

    def _install(self, toxic: str, lane: Lane, stage: AnyStage) -> None:
        if isinstance(stage, ExchangeStage):
            # Answers pass the toxics in the reverse order of requests: each sees those that it saw the requests of.
            self.up.install(toxic, RequestWatcher(self.up, stage))
            lane.install(toxic, stage, first=True)
        else:
            lane.install(toxic, stage)

    def _remove(self, toxic: str) -> None:
        for lane in (self.up, self.down):
            lane.remove(toxic)

    def _follow(self, lost: Side) -> None:
        """One side is gone: what does the other get to see?"""
        if not self.upstream.made:
            self.abort()
        elif lost is self.upstream and self.down.silent:
            self.down.swallow_end()  # the client hangs on, until it goes or the silence ends
        elif not lost.out.ended:
            self.reset()
        elif lost.out.finished:
            self.drain()

    def _stop(self) -> None:
        self._stopped = True
        self.open = False
        self.up.stop()
        self.down.stop()

    def _sides(self) -> Iterator[Side]:
        return iter((self.client, self.upstream))
