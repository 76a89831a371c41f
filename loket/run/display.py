"""What the terminal shows while a run goes on: one living line on a terminal, a plain line now and then in a pipe."""

import sys
import time
from collections.abc import Callable

from rich.console import Console
from rich.status import Status

from loket.run.watch import Progress

PLAIN_PERIOD_S = 5.0
# The journey's steps that a person at the terminal wants to follow, and the word for each.
SHOWN_STEPS = (("hold_slot", "hold a place"), ("billing_code", "have a code"), ("pay", "paid"))


class Terminal(Console):
    """The error stream as rich writes to it; a reader who left is no reason to stop a run."""

    def on_broken_pipe(self) -> None:
        self.quiet = True


class Display:
    """Sentences that stay, and one line of progress that does not (on a terminal)."""

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        # Progress goes to the error stream: the verdict alone is the command's output.
        self._console = console or Terminal(file=sys.stderr, highlight=False)
        self._clock = clock
        self._status: Status | None = None
        self._phase: str | None = None
        self._last_plain = -PLAIN_PERIOD_S

    def tell(self, sentence: str) -> None:
        """One line that stays."""
        self._console.print(sentence, markup=False, soft_wrap=True)

    def show(self, phase: str, progress: str = "") -> None:
        """The state of things now: replaces the last one on a terminal; in a pipe each phase, and progress at times."""
        line = progress or phase
        if self._console.is_interactive:
            if self._status is None:
                self._status = self._console.status(line)
                self._status.start()
            self._status.update(line)
        elif phase != self._phase or self._clock() - self._last_plain >= PLAIN_PERIOD_S:
            self._phase = phase
            self._last_plain = self._clock()
            self.tell(line)

    def close(self) -> None:
        """End the living line. Idempotent."""
        if self._status is not None:
            self._status.stop()
            self._status = None


def progress_line(second: float, phase: str, progress: Progress, faults: tuple[str, ...]) -> str:
    """One line for `Display.show`: the clock, the phase, the people, what is broken on purpose."""
    people = progress.arrivals.sent
    parts = [f"{second:4.0f} s  {phase:<7}", f"{people} people came, {progress.inside} inside"]
    parts += [f"{progress.steps.get(step, 0)} {word}" for step, word in SHOWN_STEPS]
    parts.append(f"{progress.requests.sent} requests")
    if faults:
        parts.append("fault: " + ", ".join(faults))
    return " · ".join(parts)
