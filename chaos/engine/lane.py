"""One direction of one connection: from the side that sends, through the toxics in order, to the side that receives.

Without toxics bytes go from transport to transport. The sender is paused while the receiver or a toxic is full.
"""

from typing import Protocol

from chaos.engine.clock import Clock
from chaos.engine.toxics.stage import AnyStage, Onward


class Source(Protocol):
    """The side that sends."""

    def hold_off(self, wait: bool) -> None:
        """Stop reading from it, or go on."""
        ...


class Sink(Protocol):
    """The side that receives."""

    def write(self, chunk: bytes) -> None: ...

    def write_eof(self) -> None: ...


class Ends(Protocol):
    """The connection, as its lanes see it."""

    def lane_changed(self) -> None:
        """A lane has finished, or will never."""
        ...

    def noted(self, toxic: str, decision: str, request: str, trace_id: str | None) -> None: ...

    def abort(self, by: str | None = None) -> None: ...

    def reset(self, by: str | None = None) -> None: ...

    def drain(self) -> None: ...


class Lane:
    """The row of stages between two sides. It is the stages' `Flow`, and the end of their row (`Onward`)."""

    def __init__(self, ends: Ends, source: Source, sink: Sink, clock: Clock) -> None:
        self.clock = clock
        self.carried_bytes = 0  # received from the sender
        self.sent_bytes = 0  # handed on to the receiver
        self.ended = False  # the sender has closed its side
        self.finished = False  # the receiver has been told so
        self.swallowed = False  # the receiver will not be told
        self.closed_by: str | None = None  # the toxic that turned the end of this lane into that of the connection
        self._ends = ends
        self._source = source
        self._sink = sink
        self._stages: dict[str, AnyStage] = {}
        self._head: Onward = self
        self._sink_full = False
        self._paused = False
        self._stopped = False

    def receive(self, chunk: bytes) -> None:
        """Bytes from the sender."""
        self.carried_bytes += len(chunk)
        if self._stopped:
            return
        if self._stages:
            self._head.feed(chunk, self.clock.now())
        else:
            self.sent_bytes += len(chunk)
            self._sink.write(chunk)

    def end(self) -> None:
        """The sender has closed its side."""
        self.ended = True
        if not self._stopped:
            self._head.finish(self.clock.now())

    def feed(self, chunk: bytes, at: float) -> None:
        if not self._stopped:
            self.sent_bytes += len(chunk)
            self._sink.write(chunk)

    def finish(self, at: float) -> None:
        if not self._stopped:
            self.finished = True
            self._sink.write_eof()
            self._ends.lane_changed()

    def install(self, toxic: str, stage: AnyStage, first: bool = False) -> None:
        """Put a stage at the end of the row, or at its beginning, and let it begin."""
        if not self._stopped:
            self._stages = {toxic: stage, **self._stages} if first else {**self._stages, toxic: stage}
            self._join()
            stage.begin()

    def remove(self, toxic: str) -> None:
        """Take a stage out; what it held goes on, in order, before anything that comes later."""
        stage = self._stages.get(toxic)
        if stage is not None and not self._stopped:
            stage.release()
            del self._stages[toxic]
            self._join()
            self.pressure_changed()

    def stage_of(self, toxic: str) -> AnyStage | None:
        """The stage that the toxic has here, if any."""
        return self._stages.get(toxic)

    @property
    def held_bytes(self) -> int:
        """What its stages hold back."""
        return sum(stage.held_bytes for stage in self._stages.values())

    @property
    def fresh(self) -> bool:
        return self.carried_bytes == self.held_bytes

    @property
    def silent(self) -> bool:
        """Whether not even the loss of the sender comes through."""
        return any(stage.silent for stage in self._stages.values())

    def stop(self) -> None:
        """Nothing passes any more; what is held is forgotten."""
        self._stopped = True
        for stage in self._stages.values():
            stage.stop()

    def set_sink_full(self, full: bool) -> None:
        self._sink_full = full
        self.pressure_changed()

    def note(self, by: AnyStage, decision: str, request: str, trace_id: str | None) -> None:
        self._ends.noted(self._name_of(by), decision, request, trace_id)

    def close(self, by: AnyStage) -> None:
        self._ends.abort(self._name_of(by))

    def reset(self, by: AnyStage) -> None:
        self._ends.reset(self._name_of(by))

    def close_at_end(self, by: AnyStage) -> None:
        self.closed_by = self._name_of(by)

    def swallow_end(self) -> None:
        self.swallowed = True
        self._ends.lane_changed()

    def pressure_changed(self) -> None:
        full = self._sink_full or any(s.held_bytes > s.capacity_bytes for s in self._stages.values())
        if full != self._paused:
            self._paused = full
            self._source.hold_off(full)

    def _name_of(self, stage: AnyStage) -> str:
        return next(name for name, other in self._stages.items() if other is stage)

    def _join(self) -> None:
        onward: Onward = self
        for stage in reversed(self._stages.values()):
            stage.onward = onward
            onward = stage
        self._head = onward
