"""A worker process's part of a run: it waits for its assignment, runs its crowd and reports the end."""

import msgspec
from locust.env import Environment
from locust.rpc.protocol import Message

from loket.load.answers import Answer
from loket.load.assignment import BEGIN, OVER, STOPPED, Assignment
from loket.load.call import Attempt
from loket.load.crowd import Crowd, CrowdBroken
from loket.load.journal import Journal, JournalBroken
from loket.load.remote.greeting import RECALL
from loket.load.remote.worker import CannotTakePart, Remote
from loket.load.scenario import Scenario
from loket.load.target import ForbiddenTarget, check_targets
from loket.records import Origin


class AttemptFailed(Exception):
    """What Locust's own statistics show of an attempt that the scenario did not expect."""


class Seat:
    """One for a worker's (or the only) process; one crowd at a time sits in it. `remote` is there on another host."""

    def __init__(self, environment: Environment, scenario: Scenario, remote: Remote | None = None) -> None:
        if environment.runner is None:
            raise TypeError("a seat needs a runner")
        scenario.warm_up()  # here and not with the assignment, which leaves two seconds until second 0
        self._environment = environment
        self._runner = environment.runner
        self._scenario = scenario
        self._remote = remote
        self._assignment: Assignment | None = None
        self._crowd: Crowd | None = None
        self._stopped = False
        self._runner.register_message(BEGIN, self.take)
        if remote is not None:
            self._runner.register_message(RECALL, lambda **_: self.stop())

    def take(self, environment: Environment, msg: Message) -> None:
        """Receive an assignment; the master sends it before it has Locust spawn the user who asks for it."""
        self._assignment = msgspec.convert(msg.data, Assignment)

    def work(self) -> None:
        """Run the crowd that is assigned and report its end. Nothing happens where none is, or one runs already."""
        assignment, self._assignment = self._assignment, None
        if assignment is None or self._crowd is not None:
            return
        self._stopped = False
        broken = self._run(assignment) or (STOPPED if self._stopped else None)
        self._runner.send_message(OVER, {"broken": broken})

    def stop(self) -> None:
        """End the run early."""
        self._assignment = None
        self._stopped = True
        if self._crowd is not None:
            self._crowd.stop()

    def _run(self, assignment: Assignment) -> str | None:
        """Runs the crowd; gives the reason for which it broke down, if it did."""
        try:
            # The master has looked at them too; but it is from this host that the load goes out.
            check_targets(assignment.plan)
            origin, journal = self._place(assignment)
            self._crowd = Crowd(
                plan=assignment.plan,
                origin=origin,
                number=assignment.number,
                of=assignment.of,
                scenario=self._scenario,
                listener=self._show,
                journal=journal,
            )
            self._crowd.run()
        except (CrowdBroken, JournalBroken, CannotTakePart, ForbiddenTarget) as error:
            return self._failed(str(error))
        finally:
            self._crowd = None
            not_arrived = self._remote.end() if self._remote else None
        return self._failed(not_arrived) if not_arrived else None

    def _place(self, assignment: Assignment) -> tuple[Origin, Journal | None]:
        """Second 0 on this host's clock, and where a journal is kept that is not kept in the run directory."""
        return self._remote.begin(assignment) if self._remote else (assignment.origin, None)

    def _failed(self, why: str) -> str:
        self._environment.process_exit_code = 1
        return why

    def _show(self, attempt: Attempt, answer: Answer, response_ns: int) -> None:
        """Feed Locust's own statistics and web page."""
        self._environment.events.request.fire(  # type: ignore[no-untyped-call]
            request_type=attempt.call.method,
            name=attempt.call.step.name,
            response_time=response_ns / 1e6,
            response_length=0,
            exception=None if answer.expected else AttemptFailed(answer.error_class),
            context={},
        )
