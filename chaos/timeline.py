"""The timeline: plays the faults of an experiment beside the load, on the load's clock, and always heals them.

A thread of its own sleeps until the absolute time of the next task, so that lateness does not add up.
"""

import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from chaos.agenda import NS_PER_S, Agenda, Disturbable, Failure, FaultRow
from chaos.faults import Fault


class Timeline:
    """Plays `faults` on `network`; their times count from `origin_mono_ns` on `clock` (monotonic nanoseconds).

    `record` gets a row for each thing asked and each thing that came of it, in the timeline's own thread.
    As a context manager it starts on entry, and on leaving stops and waits until all is healed or given up.
    """

    def __init__(
        self,
        faults: Iterable[Fault],
        network: Disturbable,
        opens_at_s: float,
        clock: Callable[[], int],
        origin_mono_ns: int,
        record: Callable[[FaultRow], None],
    ) -> None:
        self._agenda = Agenda(faults, network, opens_at_s, clock, origin_mono_ns, record)
        self._clock = clock
        self._stop_asked = False
        self._crash: Exception | None = None
        # The condition's lock is re-entrant, so a signal handler may stop the timeline whatever its thread was doing.
        self._wake = threading.Condition(threading.RLock())
        # A dying process must not linger for its faults: their lease heals them.
        self._thread = threading.Thread(target=self._run, name="timeline", daemon=True)

    @staticmethod
    def plan(faults: Iterable[Fault], opens_at_s: float) -> list[str]:
        """What would be done when, a line each, in order of time."""
        moments: list[tuple[float, str]] = []
        for fault in faults:
            begins_s = fault.at.resolve(opens_at_s)
            moments.append((begins_s, f"{fault.name} begins: {fault.describe()}"))
            moments.append((begins_s + fault.duration_s, f"{fault.name} ends"))
        return [f"{at_s:7.1f} s  {what}" for at_s, what in sorted(moments, key=lambda moment: moment[0])]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What fell short of the experiment so far: final once `wait` returned True."""
        return tuple(self._agenda.failures)

    def start(self) -> None:
        """Begin to play; once only."""
        self._thread.start()

    def stop(self) -> None:
        """Heal everything at once and begin nothing more. Returns at once; `wait` says when it is done.

        May be called again, from any thread and from a signal handler.
        """
        with self._wake:
            self._stop_asked = True
            self._wake.notify_all()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether all is played and healed (or given up), waiting at most `timeout_s` for it."""
        if self._thread.ident is None:
            return True
        self._thread.join(timeout_s)
        if self._crash:
            raise self._crash
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.wait()

    def _run(self) -> None:
        try:
            while (due_ns := self._agenda.due_ns) is not None:
                if self._sleep_until(due_ns):
                    self._agenda.perform()
                else:
                    self._agenda.stop()
        except Exception as error:
            self._crash = error

    def _sleep_until(self, due_ns: int) -> bool:
        """True once the time has come, False as soon as a stop was asked for."""
        with self._wake:
            while not self._stop_asked and (rest_ns := due_ns - self._clock()) > 0:
                self._wake.wait(rest_ns / NS_PER_S)
            come = not self._stop_asked
            self._stop_asked = False
            return come
