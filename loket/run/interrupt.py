"""Ctrl-C and SIGTERM as a question that every wait of a run asks, so that healing is never skipped."""

import os
import signal
import threading
from contextlib import suppress
from types import FrameType, TracebackType

ERROR_STREAM = 2


class Interrupt:
    """While entered, SIGINT and SIGTERM are noted instead of raised, and answered on the error stream.

    `answer` is what is done about it, as the person who asked is told.
    """

    def __init__(self, answer: str) -> None:
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
        _tell(f"still {self.answer}" if again else f"{self.by}: {self.answer}")


def _tell(sentence: str) -> None:
    """Past every buffer and its lock: the signal may have come while the main thread held one to write a line."""
    line_begins = "\r\x1b[K" if os.isatty(ERROR_STREAM) else ""
    with suppress(OSError):
        os.write(ERROR_STREAM, f"{line_begins}{sentence}\n".encode())
