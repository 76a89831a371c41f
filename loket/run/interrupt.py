"""Ctrl-C and SIGTERM as a question that every wait of a run asks, so that healing is never skipped."""

import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType, TracebackType


class Interrupt:
    """While entered, SIGINT and SIGTERM are noted instead of raised; `tell` is called for each.

    `answer` is what is done about it, as the person who asked is told.
    """

    def __init__(self, tell: Callable[[str], None], answer: str) -> None:
        self._tell = tell
        self._event = threading.Event()
        self.answer = answer
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
        again = self.by is not None
        if self.by is None:
            self.by = "Ctrl-C" if number == signal.SIGINT else "SIGTERM"
        self._event.set()
        # The signal may have come in the middle of a line: Python then refuses to begin another.
        with suppress(RuntimeError):
            self._tell(f"still {self.answer}" if again else f"{self.by}: {self.answer}")
