"""Ctrl-C and SIGTERM as a question that every wait of a run asks, so that healing is never skipped."""

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType


class Interrupt:
    """While entered, SIGINT and SIGTERM are noted instead of raised; `tell` is called for each."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._event = threading.Event()
        self.by: str | None = None

    def __enter__(self) -> "Interrupt":
        self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def requested(self) -> bool:
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds`; True as soon as somebody asked to stop."""
        return self._event.wait(seconds)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.by is None:
            self.by = "Ctrl-C" if number == signal.SIGINT else "SIGTERM"
            self._tell(f"{self.by}: healing the network and writing down what was measured")
        else:
            self._tell("still healing; the run directory will be complete in a moment")
        self._event.set()
