"""`shared_bandwidth`: at most `rate` KB/s (of 1,000 bytes) for all connections of the toxic together; 0 stalls them.

`bandwidth` gives each connection a pipe of its own; this is the one line that all of an office shares.
"""

from collections import deque
from dataclasses import dataclass

from chaos.engine.clock import Appointment, Clock
from chaos.engine.toxics.settings import Settings
from chaos.engine.toxics.stage import Flow, Stage

# A turn is so much of the pipe's time: short enough that whoever joins late is not kept out.
TURN_MS = 10


@dataclass(frozen=True)
class SharedBandwidthSettings(Settings):
    """Kilobytes a second, which is bytes a millisecond."""

    rate: int = 0


class Pipe:
    """One width for many connections, which take turns: each has a slice carried, then waits behind the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._row: deque[SharedBandwidthStage] = deque()
        self._free_at = clock.now()
        self._timer: Appointment | None = None

    def join(self, stage: "SharedBandwidthStage", at: float) -> None:
        """The stage has something to carry, since `at`."""
        if not self._row:
            self._free_at = max(self._free_at, at)
        self._row.append(stage)
        if self._timer is None:
            self._carry()

    def leave(self, stage: "SharedBandwidthStage") -> None:
        """The stage has nothing to carry any more. Harmless where it does not wait."""
        if stage in self._row:
            self._row.remove(stage)

    def changed(self) -> None:
        """The width has changed: it holds from now on."""
        if self._timer is not None:
            self._timer.cancel()
        self._free_at = self._clock.now()
        self._carry()

    def _carry(self) -> None:
        """Carry every slice whose time has come, and wait for the next."""
        self._timer = None
        now = self._clock.now()
        while self._row and (rate := self._row[0].settings.rate):
            size = min(rate * TURN_MS, self._row[0].next_bytes)
            due = self._free_at + size / rate / 1000
            if due > now:
                self._timer = self._clock.call_at(due, self._carry)
                return
            self._free_at = due
            stage = self._row.popleft()
            if stage.carry(size, due):
                self._row.append(stage)


class SharedBandwidthStage(Stage[SharedBandwidthSettings]):
    """One connection's part of the pipe."""

    pipe: Pipe

    def __init__(self, flow: Flow, settings: SharedBandwidthSettings, seed: str) -> None:
        super().__init__(flow, settings, seed)
        self._row: deque[bytes] = deque()
        self._ended = False

    @property
    def next_bytes(self) -> int:
        """How much of what waits can leave in one piece."""
        return len(self._row[0])

    def carry(self, size: int, at: float) -> bool:
        """Pass so much on; whether more waits."""
        chunk = self._row.popleft()
        if size < len(chunk):
            self._row.appendleft(chunk[size:])
        self.onward.feed(chunk[:size], at)
        self._count(-size)
        if self._ended and not self._row:
            self.onward.finish(at)
        return bool(self._row)

    def feed(self, chunk: bytes, at: float) -> None:
        self._row.append(chunk)
        self._count(len(chunk))
        if len(self._row) == 1:
            self.pipe.join(self, at)

    def finish(self, at: float) -> None:
        self._ended = True
        if not self._row:
            self.onward.finish(at)

    def update(self, settings: SharedBandwidthSettings) -> None:
        super().update(settings)
        self.pipe.changed()

    def release(self) -> None:
        self.pipe.leave(self)
        now = self.flow.clock.now()
        while self._row:
            self.carry(self.next_bytes, now)

    def stop(self) -> None:
        self.pipe.leave(self)
        self._row.clear()
        self.held_bytes = 0

    def _count(self, change: int) -> None:
        self.held_bytes += change
        self.flow.pressure_changed()
