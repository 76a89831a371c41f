"""A stage that holds chunks back until their time: the ground that latency and slow_close share."""

from collections import deque

from chaos.engine.clock import Appointment
from chaos.engine.toxics.stage import Flow, S, Stage


class HoldingStage(Stage[S]):
    """Keeps (due, chunk) in order and passes each on at its time, never before; an empty chunk is the end.

    One timer stands for the first in the row; deadlines are absolute, so a late timer delays one chunk, not the row.
    """

    def __init__(self, flow: Flow, settings: S, seed: str) -> None:
        super().__init__(flow, settings, seed)
        self._row: deque[tuple[float, bytes]] = deque()
        self._timer: Appointment | None = None

    def hold(self, due: float, chunk: bytes) -> None:
        """Pass `chunk` on at `due`, or when everything before it has left if that is later."""
        if self._row:
            due = max(due, self._row[-1][0])
        self._row.append((due, chunk))
        if chunk:
            self.held_bytes += len(chunk)
            self.flow.pressure_changed()
        if self._timer is None:
            self._timer = self.flow.clock.call_at(due, self._pass_due)

    def finish(self, at: float) -> None:
        self.hold(at, b"")

    def release(self) -> None:
        now = self.flow.clock.now()
        self._cancel()
        while self._row:
            self._pass_first(now)

    def stop(self) -> None:
        self._cancel()
        self._row.clear()
        self.held_bytes = 0

    def _pass_due(self) -> None:
        self._timer = None
        now = self.flow.clock.now()
        while self._row and self._row[0][0] <= now:
            self._pass_first(self._row[0][0])
        if self._row:
            self._timer = self.flow.clock.call_at(self._row[0][0], self._pass_due)

    def _pass_first(self, at: float) -> None:
        _, chunk = self._row.popleft()
        if chunk:
            self.held_bytes -= len(chunk)
            self.onward.feed(chunk, at)
            self.flow.pressure_changed()
        else:
            self.onward.finish(at)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
