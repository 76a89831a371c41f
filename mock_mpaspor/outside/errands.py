"""Work that is tried until it is done: told payments at SIMPONI, unsettled ones at the bank.

The queue lives in memory; its owner keeps the truth on disk and adds what is unfinished again after a restart.
"""

import heapq
import logging
import threading
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Generic, TypeVar

from mock_mpaspor.outside.backoff import Backoff
from mock_mpaspor.outside.clock import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)


class Errands(Generic[T]):
    """`run(item)` says whether the item is done; an item that is not comes back after a growing, bounded wait."""

    def __init__(self, run: Callable[[T], bool], clock: Clock, rng: Random, backoff: Backoff, threads: int) -> None:
        self._run = run
        self._clock = clock
        self._rng = rng
        self._backoff = backoff
        self._order = count()
        self._waiting: list[tuple[float, int, int, T]] = []
        self._running = 0
        self._stopped = False
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def add(self, item: T) -> None:
        """Queue an item for now."""
        self._push(item, attempts=0, delay_s=0.0)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take up nothing more and wait for the attempts under way."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def pending(self) -> int:
        """How many items are not done."""
        with self._changed:
            return len(self._waiting) + self._running

    def run_due(self) -> int:
        """Attempt, in this thread, everything due by now; how many attempts that were."""
        with self._changed:
            due = [self._take() for _ in range(sum(entry[0] <= self._clock.monotonic_s() for entry in self._waiting))]
        for attempts, item in due:
            self._attempt(item, attempts)
        return len(due)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and (wait_s := self._until_due_s()) != 0:
                    self._changed.wait(wait_s)
                if self._stopped:
                    return
                attempts, item = self._take()
            self._attempt(item, attempts)

    def _until_due_s(self) -> float | None:
        """Seconds until the first item is due, 0 when it is, None when there is none."""
        if not self._waiting:
            return None
        return max(0.0, self._waiting[0][0] - self._clock.monotonic_s())

    def _take(self) -> tuple[int, T]:
        self._running += 1
        _, _, attempts, item = heapq.heappop(self._waiting)
        return attempts, item

    def _attempt(self, item: T, attempts: int) -> None:
        done = False
        try:
            done = self._run(item)
        except Exception:
            # What fails in an unforeseen way is told of and tried again: an errand is never lost.
            log.exception("an attempt failed")
        if not done:
            self._push(item, attempts + 1, self._backoff.delay_s(attempts + 1, self._rng))
        with self._changed:
            self._running -= 1

    def _push(self, item: T, attempts: int, delay_s: float) -> None:
        with self._changed:
            entry = (self._clock.monotonic_s() + delay_s, next(self._order), attempts, item)
            heapq.heappush(self._waiting, entry)
            self._changed.notify()
