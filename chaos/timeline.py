"""The timeline: plays the faults of an experiment beside the load, on the load's clock, and always heals them.

A thread of its own sleeps until the absolute time of the next task, so that lateness does not add up.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Self

from chaos.agenda import NS_PER_S, Agenda, Disturbable, Failure, FaultRow
from chaos.durations import format_duration
from chaos.faults import Fault

# Longer than the healing's own patience, so that it ends first wherever the network still answers at all.
STOP_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Happened:
    """An event of the run, and when it came."""

    event: str
    mono_ns: int


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
        self._crash: Exception | None = None
        # Not a condition or an event: putting into this queue is safe even in a signal handler that interrupts a put.
        self._news: SimpleQueue[Happened | None] = SimpleQueue()
        # A dying process must not linger for its faults: their lease heals them.
        self._thread = threading.Thread(target=self._run, name="timeline", daemon=True)

    @staticmethod
    def plan(faults: Iterable[Fault], opens_at_s: float) -> list[str]:
        """What would be done when, a line each, in order of time."""
        moments: list[tuple[float, str]] = []
        later: list[str] = []
        for fault in faults:
            begins_s = fault.at.resolve(opens_at_s)
            what = f"{fault.name} begins on link {fault.link}: {fault.describe()}"
            if begins_s is None:
                later.append(f"{fault.at!s:>9}  {what}, for {format_duration(fault.duration_s)}")
            else:
                moments += [(begins_s, what), (begins_s + fault.duration_s, f"{fault.name} ends")]
        return [f"{at_s:7.1f} s  {what}" for at_s, what in sorted(moments, key=lambda moment: moment[0])] + later

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What fell short of the experiment so far: final once `wait` returned True."""
        return tuple(self._agenda.failures)

    def active(self) -> tuple[str, ...]:
        """Names of the faults under way."""
        return self._agenda.standing

    def start(self) -> None:
        """Begin to play; once only."""
        self._thread.start()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Heal everything at once, begin nothing more, and `wait` for that. `failures` names what could not be healed.

        May be called again, from any other thread and from a signal handler.
        """
        self._news.put(None)
        return self.wait(timeout_s)

    def happened(self, event: str, mono_ns: int) -> None:
        """Tell that an event of the run came, at `mono_ns` of the clock: what is bound to it counts from there."""
        self._news.put(Happened(event, mono_ns))

    def wait(self, timeout_s: float | None = None) -> bool:
        """Whether all is played and healed (or given up), waiting at most `timeout_s` for it.

        Raises what broke the timeline's own thread, if anything did.
        """
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

    def _run(self) -> None:
        try:
            while (due_ns := self._agenda.due_ns) is not None or self._agenda.awaited:
                self._await_news(due_ns)
        except Exception as error:
            self._crash = error

    def _await_news(self, due_ns: int | None) -> None:
        """Sleep until the next task's time has come and do it, unless there is news first: see to that instead."""
        rest_s = None if due_ns is None else max(0.0, (due_ns - self._clock()) / NS_PER_S)
        try:
            news = self._news.get(timeout=rest_s)
        except Empty:
            # A timer may ring a little early.
            if not rest_s:
                self._agenda.perform()
            return
        if news is None:
            self._agenda.stop()
        else:
            self._agenda.happened(news.event, news.mono_ns)
