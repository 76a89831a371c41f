"""People who keep asking while something is wrong, and what they were answered."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

PATIENCE_S = 40.0


def until(condition: Callable[[], object]) -> None:
    """Poll until the condition holds; fail where it does not in time."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "the condition never held"
        time.sleep(0.05)


@contextmanager
def asking(ask: Callable[[], object], people: int) -> Iterator[list[object]]:
    """Meanwhile so many people ask again and again; everything that they were answered."""
    over = threading.Event()
    answers: list[object] = []

    def keep_asking() -> None:
        while not over.is_set():
            answers.append(ask())

    with ThreadPoolExecutor(people) as threads:
        asked = [threads.submit(keep_asking) for _ in range(people)]
        try:
            yield answers
        finally:
            over.set()
        for each in asked:
            each.result()
