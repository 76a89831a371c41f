"""Watches for the events that faults are bound to: the first person is told that all is gone, sees their code."""

import threading
from collections.abc import Callable, Collection

import msgspec

from loket.records import BadLine
from loket.run_directory import RunDirectory

# An event is known this much late at most; a fault bound to it counts from the event itself.
PERIOD_S = 0.02


class MarkWatch:
    """Calls `happened` with each of the events `wanted` and its monotonic nanoseconds, once, as workers write them."""

    def __init__(self, run: RunDirectory, wanted: Collection[str], happened: Callable[[str, int], None]) -> None:
        self._run = run
        self._wanted = set(wanted)
        self._happened = happened
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="marks", daemon=True)

    def start(self) -> None:
        if self._wanted:
            self._thread.start()

    def stop(self) -> None:
        """Look no more. Idempotent."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> None:
        """Tell of what was written since."""
        for event, mono_ns in self._first().items():
            self._wanted.discard(event)
            self._happened(event, mono_ns)

    def _follow(self) -> None:
        while self._wanted and not self._stop.wait(PERIOD_S):
            self.look()

    def _first(self) -> dict[str, int]:
        """The wanted events that came, each with the earliest moment that any worker knows of."""
        first: dict[str, int] = {}
        try:
            for mark in self._run.marks():
                if mark.event in self._wanted:
                    first[mark.event] = min(mark.mono_ns, first.get(mark.event, mark.mono_ns))
        except (OSError, BadLine, msgspec.MsgspecError):
            return {}  # half a line: the next look finds it whole
        return first
