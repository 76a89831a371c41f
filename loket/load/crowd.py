"""The crowd of one worker: each person starts at their own instant, whatever became of those before them.

Nobody waits for anybody's answer, so a frozen service meets the same arrivals as a fast one. Whoever finds the
worker full is dropped and counted; whoever is inside when the run ends is cancelled and counted.
"""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic_ns

import gevent
from gevent.event import Event

from loket.load.arrivals import Arrival, patterns, schedule, shard
from loket.load.connection import Timeouts
from loket.load.journal import Journal, JournalBroken
from loket.load.plan import LoadPlan
from loket.load.pulse import Pulse
from loket.load.recorder import Listener, Recorder
from loket.load.room import raise_open_files, room
from loket.load.scenario import Scenario
from loket.load.series import Series
from loket.load.visitor import Visitor
from loket.records import Origin, Outcome, Visit
from loket.run_directory import RunDirectory

PHONE = Timeouts()

logger = logging.getLogger(__name__)


class CrowdBroken(Exception):
    """The crowd had to stop: its journal could not be written, or a journey had a mistake in it."""


class Crowd:
    """The people of shard `number` of `of`, from the first arrival until the last one left or the drain is over."""

    def __init__(
        self,
        *,
        plan: LoadPlan,
        origin: Origin,
        number: int,
        of: int,
        scenario: Scenario,
        listener: Listener,
        timeouts: Timeouts = PHONE,
        most_inside: int | None = None,
        journal: Journal | None = None,
    ) -> None:
        """Opens the worker's journal in the run directory, where none is given. Raises JournalBroken."""
        worker = f"w{number}"
        everyone = schedule(patterns(plan.waves, scenario.curve(plan)), plan.seed)
        self._arrivals = tuple(shard(everyone, number, of))
        self._plan = plan
        self._origin = origin
        self._scenario = scenario
        self._timeouts = timeouts
        files = raise_open_files()
        self._most_inside = room(files) if most_inside is None else most_inside
        journal = journal or Journal(RunDirectory(Path(plan.run_directory)), worker)
        self._recorder = Recorder(worker, journal, Series(worker, origin.mono_ns), listener)
        self._recorder.arrivals.scheduled = len(self._arrivals)
        self._pulse = Pulse(self._recorder, os.getpid(), room=self._most_inside, open_files=files)
        self._people: dict[int, gevent.Greenlet] = {}
        self._stopped = Event()
        self._empty = Event()
        self._failure: Exception | None = None

    def run(self) -> None:
        """Send everybody and wait for them; returns when the worker's journal is closed. Raises CrowdBroken."""
        beat = gevent.spawn(self._beat)
        try:
            with tamed_collector():
                self._dispatch()
                self._drain()
        finally:
            self._send_home()
            beat.kill()
            self._close()
        if self._failure is not None:
            raise CrowdBroken(str(self._failure)) from self._failure

    def stop(self) -> None:
        """End the run early: nobody else arrives, everyone inside is cancelled. Returns at once; idempotent."""
        self._stopped.set()

    def _dispatch(self) -> None:
        for came, arrival in enumerate(self._arrivals):
            if not self._wait_until(self._instant_ns(arrival.at_s)):
                self._recorder.arrivals.cancelled += len(self._arrivals) - came
                return
            if len(self._people) >= self._most_inside:
                self._recorder.arrivals.dropped += 1
                continue
            self._people[arrival.index] = gevent.spawn(self._visit, arrival)

    def _drain(self) -> None:
        plan = self._plan
        end_ns = self._instant_ns(plan.opens_at_s + plan.rush_s + plan.drain_s)
        if self._people:
            self._empty.clear()
            left_s = max(0.0, (end_ns - monotonic_ns()) / 1e9)
            gevent.wait([self._stopped, self._empty], timeout=left_s, count=1)

    def _visit(self, arrival: Arrival) -> None:
        visitor = Visitor(arrival, self._plan, self._origin, self._recorder, self._timeouts)
        outcome = Outcome.CANCELLED
        try:
            self._recorder.visit(self._visit_row(arrival, visitor, None))
            outcome = self._scenario.visit(visitor)
        except Exception as error:
            self._fail(error)
        finally:
            visitor.leave()
            self._see_off(arrival, visitor, outcome)

    def _see_off(self, arrival: Arrival, visitor: Visitor, outcome: Outcome) -> None:
        # A finished greenlet that is kept is garbage that the collector walks over and over.
        del self._people[arrival.index]
        if not self._people:
            self._empty.set()
        try:
            self._recorder.visit(self._visit_row(arrival, visitor, outcome))
        except JournalBroken as error:
            self._fail(error)

    def _visit_row(self, arrival: Arrival, visitor: Visitor, outcome: Outcome | None) -> Visit:
        return Visit(
            mono_ns=monotonic_ns(),
            worker=self._recorder.worker,
            user=arrival.index,
            type="leave" if outcome else "arrive",
            intended_ns=self._instant_ns(arrival.at_s),
            applicant=visitor.name,
            profile=visitor.profile,
            outcome=outcome,
            last_step=visitor.last_step,
            application_id=visitor.application_id,
        )

    def _beat(self) -> None:
        try:
            self._pulse.run()
        except Exception as error:  # a pulse that stops unseen would leave nobody to see the generator's troubles
            self._fail(error)

    def _send_home(self) -> None:
        gevent.killall(list(self._people.values()))
        # Whoever was killed before their first step never arrived, and never leaves.
        self._recorder.arrivals.cancelled += len(self._people)
        self._people.clear()

    def _close(self) -> None:
        """Write `end`, except after a failure: a history with a hole must not look complete."""
        try:
            if self._failure is None:
                self._pulse.finish()
        except JournalBroken as error:
            self._fail(error)
        finally:
            self._recorder.journal.close()

    def _fail(self, error: Exception) -> None:
        if self._failure is None:
            self._failure = error
            logger.error("The crowd stops: %s", error, exc_info=not isinstance(error, JournalBroken))
        self.stop()

    def _instant_ns(self, second: float) -> int:
        return self._origin.mono_ns + round(second * 1e9)

    def _wait_until(self, instant_ns: int) -> bool:
        """Whether the instant came before the run was stopped."""
        while (left_ns := instant_ns - monotonic_ns()) > 0 and not self._stopped.is_set():
            self._stopped.wait(left_ns / 1e9)
        return not self._stopped.is_set()


@contextmanager
def tamed_collector() -> Iterator[None]:
    """Keep the garbage collector from walking over everything ever imported while people are waiting."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
