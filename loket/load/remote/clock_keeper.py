"""Keeps a remote worker's clock compared with its master's, from the first connection to the last row."""

from collections import deque
from time import monotonic_ns

import msgspec
from gevent.event import Event
from locust.env import Environment
from locust.rpc.protocol import Message
from locust.runners import WorkerRunner

from loket.load.remote.clocks import Round, fastest
from loket.load.remote.greeting import ANSWER, ASK, Answer, Ask, from_wire, to_wire

ROUNDS_A_READING = 4
READ_EVERY_S = 1.0
# The clock is known by the fastest round of the last five readings: in as many seconds a poor one (50 millionths)
# drifts by a quarter of a millisecond.
ROUNDS_KEPT = 5 * ROUNDS_A_READING
# An answer that takes longer than this tells too little.
PATIENCE_S = 0.5


class ClockKeeper:
    """Asks the master what time it is, a few times in a row, whenever it is told to `read`."""

    def __init__(self, runner: WorkerRunner) -> None:
        self._runner = runner
        self._rounds: deque[Round] = deque(maxlen=ROUNDS_KEPT)
        self._reading: list[Round] = []
        self._heard = Event()
        self._known = Event()
        runner.register_message(ANSWER, self._hear)

    def known(self, within_s: float) -> Round | None:
        """How far the master's clock is ahead, as soon as it is known; None where it is not by then."""
        return fastest(self._rounds) if self._known.wait(within_s) else None

    def read(self) -> Round | None:
        """The fastest of a few rounds made now; None where the master answered none of them."""
        self._reading = []
        for _ in range(ROUNDS_A_READING):
            self._heard.clear()
            self._runner.send_message(ASK, to_wire(Ask(asked_ns=monotonic_ns())))
            self._heard.wait(PATIENCE_S)
        if not self._reading:
            return None
        self._known.set()
        return fastest(self._reading)

    def _hear(self, environment: Environment, msg: Message) -> None:
        heard_ns = monotonic_ns()
        try:
            answer = from_wire(msg, Answer)
        except msgspec.ValidationError:
            return
        told = Round.of(answer.asked_ns, answer.master_ns, heard_ns)
        self._rounds.append(told)
        self._reading.append(told)
        self._heard.set()
