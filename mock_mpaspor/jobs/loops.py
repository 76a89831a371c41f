"""Loops: each job's step again and again on a thread of its own, until told to stop."""

import logging
import threading
from collections.abc import Callable

LOG = logging.getLogger(__name__)


class Loop:
    """Calls `step`, then waits up to `every_s` or until `wake` is set."""

    def __init__(self, name: str, step: Callable[[], int], every_s: float, wake: threading.Event | None = None) -> None:
        self._step = step
        self._every_s = every_s
        self._wake = wake or threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the loop after its present step."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._step()
            except Exception:
                # A job that died would be silent for ever: the step is tried again, and the log says why.
                LOG.exception("%s: a step failed", self._thread.name)
            if not self._stopping.is_set():
                self._wake.wait(self._every_s)
