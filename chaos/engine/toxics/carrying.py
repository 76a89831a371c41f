"""A stage that carries a stream slice by slice: the ground that bandwidth and slicer share.

Slices are cut only when their turn comes, so a fast sender cannot make many of one chunk.
"""

from collections import deque

from chaos.engine.clock import Appointment
from chaos.engine.toxics.stage import Flow, S, Stage


class CarryingStage(Stage[S]):
    """Takes slices off the first chunk in the row; each has a time of its own, and the next starts from there."""

    def __init__(self, flow: Flow, settings: S, seed: str) -> None:
        super().__init__(flow, settings, seed)
        self._row: deque[bytes] = deque()
        self._slice_bytes = 0
        self._free_at = flow.clock.now()
        self._ended = False
        self._timer: Appointment | None = None

    def measure(self) -> int:
        """The size of the next slice in bytes; 0 while none may leave."""
        raise NotImplementedError

    def carried_s(self, size: int) -> float:
        """Seconds that a slice of `size` bytes is under way."""
        return 0.0

    def pause_s(self) -> float:
        """Seconds after a slice before the next one starts."""
        return 0.0

    def feed(self, chunk: bytes, at: float) -> None:
        if not self._row:
            self._free_at = max(self._free_at, at)
        self._row.append(chunk)
        self._count(len(chunk))
        if self._timer is None:
            self._carry()

    def finish(self, at: float) -> None:
        self._ended = True
        if not self._row:
            self.onward.finish(at)

    def update(self, settings: S) -> None:
        """The new settings hold from now on, for what waits too."""
        super().update(settings)
        self._cancel()
        self._slice_bytes = 0
        self._free_at = self.flow.clock.now()
        self._carry()

    def release(self) -> None:
        self._cancel()
        now = self.flow.clock.now()
        while self._row:
            self._pass_on(len(self._row[0]), now)

    def stop(self) -> None:
        self._cancel()
        self._row.clear()
        self.held_bytes = 0

    def _carry(self) -> None:
        """Pass on every slice whose time has come, and wait for the next."""
        self._timer = None
        now = self.flow.clock.now()
        while self._row:
            self._slice_bytes = self._slice_bytes or self.measure()
            if not self._slice_bytes:
                return
            size = min(self._slice_bytes, len(self._row[0]))
            due = self._free_at + self.carried_s(size)
            if due > now:
                self._timer = self.flow.clock.call_at(due, self._carry)
                return
            self._slice_bytes = 0
            self._free_at = due + self.pause_s()
            self._pass_on(size, due)

    def _pass_on(self, size: int, at: float) -> None:
        chunk = self._row[0]
        if size < len(chunk):
            self._row[0] = chunk[size:]
        else:
            self._row.popleft()
        self.onward.feed(chunk[:size], at)
        self._count(-size)
        if self._ended and not self._row:
            self.onward.finish(at)

    def _count(self, change: int) -> None:
        self.held_bytes += change
        self.flow.pressure_changed()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
