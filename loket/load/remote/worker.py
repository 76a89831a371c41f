"""A remote worker's side of the run: its crowd lives by this host's clock, its rows go out on the master's."""

import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path
from time import monotonic_ns

import gevent
import msgspec
from gevent.event import Event
from locust.env import Environment
from locust.exception import RPCError
from locust.rpc.protocol import Message
from locust.runners import WorkerRunner

from loket.load.assignment import Assignment
from loket.load.journal import Journal, JournalBroken
from loket.load.remote.clock_keeper import READ_EVERY_S, ClockKeeper
from loket.load.remote.clocks import Round
from loket.load.remote.greeting import HERE, Here, from_wire, to_wire
from loket.load.remote.parcel import PARCEL, RECEIPT, Kind, Parcel, Receipt
from loket.load.remote.post import EVERY_S, Post
from loket.records import ClockReading, Origin
from loket.run_directory import RunDirectory

# The assignment comes two seconds before second 0; a worker that knows no clock by then cannot take part.
FIRST_READING_S = 1.5
# A master that has not taken the last rows by then is gone, or stands still.
LAST_ROWS_S = 5.0

logger = logging.getLogger(__name__)


class CannotTakePart(Exception):
    """This worker has no part in the run; the message says why in one sentence."""


class Remote:
    """One for a worker process that shares no directory with its master, which gave it the `ticket`."""

    def __init__(self, runner: WorkerRunner, ticket: str, room_bytes: int) -> None:
        self._runner = runner
        self._room_bytes = room_bytes
        self._clock = ClockKeeper(runner)
        self._post: Post | None = None
        self._finished = Event()
        self._worker = ""
        self._offset_ns = 0
        self._worked = False
        self._ticket = ticket
        runner.register_message(RECEIPT, self._receive)

    def report(self) -> None:
        """Say that this worker is ready to work."""
        here = Here(ticket=self._ticket, host=socket.gethostname(), pid=os.getpid())
        self._runner.send_message(HERE, to_wire(here))
        gevent.spawn(self._keep_clock)
        logger.info("Ready at the master %s:%d.", self._runner.master_host, self._runner.master_port)

    def leave(self, environment: Environment, stop: Callable[[], None]) -> None:
        """Have the process end with code 1 where it leaves without having done its share.

        Where people are inside they are stopped by `stop`, and their last rows sent before the master is told that this
        worker leaves: it may be the last, and the master would leave too.
        """
        if self._post is not None:
            logger.error("%s leaves before the run is over.", self._worker)
            stop()
            self._finished.wait(LAST_ROWS_S)
        elif not self._worked:
            logger.error("The run ended before it began here.")
        else:
            return
        environment.process_exit_code = 1

    def begin(self, assignment: Assignment) -> tuple[Origin, Journal]:
        """Second 0 on this host's clock, and a journal that is kept at the master's. Raises CannotTakePart."""
        clock = self._clock.known(FIRST_READING_S)
        if clock is None:
            raise CannotTakePart("its clock could not be compared with the master's")
        self._worked = True
        self._worker = f"w{assignment.number}"
        self._offset_ns = clock.offset_ns
        self._post = Post(self._send, clock.offset_ns, self._room_bytes)
        journal = Journal(RunDirectory(Path(assignment.plan.run_directory)), self._worker, self._post.writer_of)
        self._note(clock)
        gevent.spawn(self._dispatch, self._post)
        logger.info("The run begins: this is %s, one of %d workers.", self._worker, assignment.of)
        logger.info("The master's clock is known to within %.2f ms.", clock.uncertainty_ns / 1e6)
        local_ns = assignment.origin.mono_ns - clock.offset_ns
        return msgspec.structs.replace(assignment.origin, mono_ns=local_ns), journal

    def end(self) -> str | None:
        """Read the clock once more and see that every row has arrived; the reason, where one has not."""
        post = self._post
        if post is None:
            return None
        if (clock := self._clock.read()) is not None:
            self._note(clock)
        with gevent.Timeout(LAST_ROWS_S, False):
            while not post.delivered and post.broken is None:
                gevent.sleep(EVERY_S / 4)
        self._post = None
        self._finished.set()
        if post.broken is not None:
            return post.broken
        if not post.delivered:
            return "the master did not take the last records"
        logger.info("All records of %s are at the master's.", self._worker)
        return None

    def _keep_clock(self) -> None:
        while True:
            clock = self._clock.read()
            if clock is not None:
                self._note(clock)
            gevent.sleep(READ_EVERY_S)

    def _note(self, clock: Round) -> None:
        """Write down how the clocks compare, where there is a run to write it down for."""
        if self._post is None:
            return
        row = ClockReading(
            mono_ns=monotonic_ns(),
            worker=self._worker,
            offset_ns=clock.offset_ns,
            uncertainty_ns=clock.uncertainty_ns,
        )
        try:
            self._post.put(Kind.CLOCK, row)
        except JournalBroken:
            logger.debug("No reading of the clock could be kept.")  # the crowd meets the same, and stops

    def _dispatch(self, post: Post) -> None:
        while self._post is post:
            try:
                post.dispatch()
            except RPCError as error:
                logger.warning("Records could not be sent and will be sent again: %s", error)
            gevent.sleep(EVERY_S)

    def _send(self, parcel: Parcel) -> None:
        self._runner.send_message(PARCEL, to_wire(parcel))

    def _receive(self, environment: Environment, msg: Message) -> None:
        try:
            receipt = from_wire(msg, Receipt)
        except msgspec.ValidationError:
            return
        if self._post is not None:
            self._post.acknowledge(receipt)
