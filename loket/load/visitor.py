"""The handle a journey has on its person while they are inside: their clock, their dice, their connections.

A person's next request is *due* at an instant: as soon as the last answer came, or when a pause they chose is over.
It is sent then, or late; response times count from the due instant, so a late generator cannot look fast.
"""

from random import Random
from time import monotonic_ns

import gevent

from loket.load.answers import Answer
from loket.load.arrivals import Arrival
from loket.load.call import Attempt, Call
from loket.load.client import send
from loket.load.connection import Connection, Timeouts
from loket.load.plan import LoadPlan
from loket.load.recorder import Recorder
from loket.records import Origin

# Assumption: so long before an instant that they wait for, people have the screen open on which they will tap.
ARMED_S = 1.0


class Visitor:
    """One for each person, given to the scenario's journey. The dice depend on the seed and the person's number alone.

    `run_token` tells this run's operations from those of another run against the same service.
    """

    def __init__(
        self, arrival: Arrival, plan: LoadPlan, origin: Origin, recorder: Recorder, timeouts: Timeouts
    ) -> None:
        self.index = arrival.index
        self.plan = plan
        self.rng = Random(f"{plan.seed}:person:{arrival.index}")
        self.run_token = f"{origin.unix_ns:016x}"
        self.name = f"person-{arrival.index}"
        self.last_step: str | None = None
        self.application_id: str | None = None
        self._origin_ns = origin.mono_ns
        self._due_ns = origin.mono_ns + round(arrival.at_s * 1e9)
        self._recorder = recorder
        self.profile = plan.profile_of(arrival.index)
        self.office = plan.office_of(arrival.index)
        self._service = Connection(plan.edge_of(self.profile), timeouts)
        self._bank = Connection(plan.bank_url, timeouts)
        self._direct = Connection(plan.direct_url, timeouts)
        self._simkim = Connection(plan.simkim_url, timeouts)
        self._attempts = 0
        self._planned = False
        self._passed: set[str] = set()

    @property
    def now_s(self) -> float:
        """The instant at which the next request is due, in seconds of the run."""
        return (self._due_ns - self._origin_ns) / 1e9

    def pause(self, seconds: float) -> None:
        """Do nothing for so long, from the instant on at which the next request would have been due.

        Whoever pauses means to send a request afterwards: it is planned from here on.
        """
        self._plan_request()
        self._due_ns += round(max(0.0, seconds) * 1e9)
        self._sleep()

    def pause_until(self, second: float) -> None:
        """Do nothing before that second of the run; at once where it is past."""
        self.pause(second - self.now_s)

    def wait_armed(self, second: float) -> None:
        """As `pause_until`, with the telephone in the hand and connected when the second comes.

        A connection that the service has closed meanwhile is opened again before, not at the instant itself.
        """
        self.pause_until(second - ARMED_S)
        if (left_ns := self._origin_ns + round(second * 1e9) - monotonic_ns()) > 0:
            self._service.open(within_s=left_ns / 1e9)
        self.pause_until(second)

    def send(self, call: Call) -> Answer:
        """One attempt at the service. Raises JournalBroken."""
        return self._send(call, self._service)

    def send_to_bank(self, call: Call) -> Answer:
        """One attempt at the bank. Raises JournalBroken."""
        return self._send(call, self._bank)

    def send_past_the_network(self, call: Call) -> Answer:
        """One attempt at the service itself, for what does not travel with the application: mail, say.

        The connection is not kept: a phone has two at most at a time. Raises JournalBroken.
        """
        return self._send_once(call, self._direct)

    def send_to_simkim(self, call: Call) -> Answer:
        """One attempt of the officer whom this person stands before; as for mail, the connection is not kept."""
        return self._send_once(call, self._simkim)

    def passed(self, step: str) -> None:
        """Count this person as past the step, once."""
        if step not in self._passed:
            self._passed.add(step)
            self._recorder.passed(step)

    def happened(self, event: str) -> None:
        """Something that faults may be bound to: the first time is written down."""
        self._recorder.mark(event)

    def leave(self) -> None:
        """Put the phone away; a request that was still to come is cancelled."""
        if self._planned:
            self._recorder.cancel_request()
            self._planned = False
        self._service.close()
        self._bank.close()

    def _send_once(self, call: Call, connection: Connection) -> Answer:
        try:
            return self._send(call, connection)
        finally:
            connection.close()

    def _send(self, call: Call, connection: Connection) -> Answer:
        self._plan_request()
        self._planned = False
        self._attempts += 1
        self.last_step = call.step.name
        # Unique to the attempt and readable: the run's origin, the person, the count of their attempts.
        trace_id = f"{self.run_token}{self.index:08x}{self._attempts:08x}"
        answer = send(Attempt(call, self.index, self.name, trace_id, self._due_ns), connection, self._recorder)
        if answer.reply and answer.reply.application_id:
            self.application_id = answer.reply.application_id
        self._due_ns = monotonic_ns()
        return answer

    def _plan_request(self) -> None:
        if not self._planned:
            self._planned = True
            self._recorder.plan_request()

    def _sleep(self) -> None:
        while (left_ns := self._due_ns - monotonic_ns()) > 0:
            gevent.sleep(left_ns / 1e9)
