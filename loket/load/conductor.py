"""The master's part of a run: it makes the service ready, fixes second 0, deals out the shards and sees the end.

Its people are in its workers; a worker that is lost is noticed and named, and never waited for.
"""

import logging
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, monotonic_ns, time_ns

import gevent
import msgspec
from locust.env import Environment
from locust.rpc.protocol import Message
from locust.runners import STATE_MISSING, LocalRunner, MasterRunner

from loket.load.assignment import BEGIN, OVER, STOPPED, Assignment
from loket.load.options import BadPlan, plan_of, read_plan
from loket.load.plan import LoadPlan
from loket.load.remote.reception import Reception
from loket.load.scenario import CannotPrepare, Scenario
from loket.load.target import ForbiddenTarget
from loket.load.validity import doubts
from loket.records import Origin
from loket.run_directory import RunDirectory, write_whole

# From picking the origin to second 0: opening the release and telling the workers must fit in.
MARGIN_S = 2.0
# Workers end by the plan's drain; one that is silent this long after it is not waited for.
GRACE_S = 10.0
# Remote workers that are called back send what they have; one that says nothing for so long is not waited for.
RECALL_S = 4.0

logger = logging.getLogger(__name__)


class Conductor:
    """One for the master's (or the only) process; `gathering` until its first run begins."""

    def __init__(self, environment: Environment, scenario: Scenario) -> None:
        runner = environment.runner
        if not isinstance(runner, MasterRunner | LocalRunner) or environment.parsed_options is None:
            raise TypeError("a conductor needs the runner and the options of a master, or of a single process")
        self._environment = environment
        self._runner = runner
        self._options = environment.parsed_options
        self._scenario = scenario
        self._playing: dict[str, int] = {}
        self._users = 0
        self._plan: LoadPlan | None = None
        self._begun = False
        self.gathering = True
        self._ends_s = 0.0
        self._recalling = False
        self._reception = _reception_of(self, runner, self._options, scenario)
        runner.register_message(OVER, self.hear)

    def start(self) -> None:
        """Begin the run, or say why not and let it end."""
        self._begun = True
        self.gathering = False
        try:
            self._begin()
        except (BadPlan, ForbiddenTarget) as error:
            self._give_up(str(error), exit_code=2)
        except CannotPrepare as error:
            self._give_up(f"The service did not get ready: {error}", exit_code=1)

    def reset(self) -> None:
        """Forget the run that ends here, whoever ended it, so that another may begin."""
        self._miss()
        self._recall()
        self._begun = False
        self._playing.clear()

    def say_where(self) -> None:
        """Tell whoever started Locust by hand where the run lies, and why it could not be trusted if so."""
        plan, self._plan = self._plan, None
        if plan is None or self._options.loket_plan:
            return
        for doubt in doubts(RunDirectory(Path(plan.run_directory)), plan):
            logger.warning("Do not trust this run: %s.", doubt.reason)
        logger.info("The run was written to %s (no plan.json, no verdict: `loket run` makes those)", plan.run_directory)

    def users(self) -> int | None:
        """How many users Locust should have: one a worker, as many as there were at the beginning; None at the end."""
        if not self._begun:
            self._users = len(self.workers())
        elif not self._recalling and self._over():
            return None
        return self._users

    def workers(self) -> list[str]:
        """The connected workers, in the order of their numbers."""
        if isinstance(self._runner, LocalRunner):
            return ["local"]
        here = [worker.id for worker in self._runner.clients.all if worker.state != STATE_MISSING]
        return sorted(here, key=self._runner.get_worker_index)

    def hear(self, environment: Environment, msg: Message) -> None:
        """A worker says that its people have left, or that it had to stop."""
        if msg.node_id not in self._playing:
            return
        broken = msg.data["broken"]
        if broken and not (self._recalling and broken == STOPPED):
            self._drop(msg.node_id, f"had to stop: {broken}")
        else:
            del self._playing[msg.node_id]

    def _over(self) -> bool:
        """Whether every worker's people have left, or nobody is going to say so any more."""
        self._miss()
        if self._playing and monotonic() > self._ends_s:
            for worker in list(self._playing):
                self._drop(worker, "did not come to an end")
        return not self._playing

    def _begin(self) -> None:
        plan = plan_of(
            self._options,
            self._environment.host,
            scenario=self._scenario.name,
            now=datetime.now(UTC),
        )
        workers = self.workers()
        if self._reception and (strangers := self._reception.await_known(workers)):
            raise CannotPrepare(f"{', '.join(strangers)} came by another way than `loket worker`.")
        origin = _origin_in(MARGIN_S)
        self._scenario.prepare(plan, origin.unix_ns + round(plan.opens_at_s * 1e9))
        if monotonic_ns() >= origin.mono_ns:
            raise CannotPrepare(f"it took longer than {MARGIN_S:g} s.")
        directory = RunDirectory(Path(plan.run_directory))
        directory.create()
        if self._reception:
            self._reception.begin({worker: f"w{number}" for number, worker in enumerate(workers)})
        origin = msgspec.structs.replace(origin, workers=len(workers))
        write_whole(directory.origin_file, msgspec.json.encode(origin))
        self._playing = {worker: number for number, worker in enumerate(workers)}
        self._ends_s = monotonic() + MARGIN_S + plan.opens_at_s + plan.rush_s + plan.drain_s + GRACE_S
        for number, worker in enumerate(workers):
            assignment = Assignment(plan=plan, origin=origin, number=number, of=len(workers))
            self._runner.send_message(BEGIN, msgspec.to_builtins(assignment), client_id=worker)
        self._plan = plan
        logger.info("%d people in %d workers (seed %d)", plan.people, len(workers), plan.seed)

    def _miss(self) -> None:
        for worker in set(self._playing).difference(self.workers()):
            self._drop(worker, "was lost")

    def _recall(self) -> None:
        """Have remote workers end and send their last rows, before Locust lets go of them."""
        if self._reception is None or not self._begun:
            return
        self._recalling = True
        self._reception.recall(list(self._playing))
        with gevent.Timeout(RECALL_S, False):
            while self._playing:
                gevent.sleep(0.02)
        for worker in list(self._playing):
            self._drop(worker, "did not answer when it was called back")
        self._recalling = False
        self._reception.note()

    def _drop(self, worker: str, what: str) -> None:
        logger.error("Worker w%d %s.", self._playing.pop(worker), what)
        self._environment.process_exit_code = 1

    def _give_up(self, sentence: str, exit_code: int) -> None:
        logger.error(sentence)
        self._environment.process_exit_code = exit_code


def _reception_of(
    conductor: Conductor, runner: MasterRunner | LocalRunner, options: Namespace, scenario: Scenario
) -> Reception | None:
    """What remote workers need, where some are expected."""
    if not options.loket_remote_workers or not isinstance(runner, MasterRunner):
        return None
    directory = RunDirectory(Path(read_plan(Path(options.loket_plan)).run_directory))
    return Reception(
        runner, scenario.name, options.loket_remote_workers, directory, is_open=lambda: conductor.gathering
    )


def _origin_in(seconds: float) -> Origin:
    ahead_ns = round(seconds * 1e9)
    return Origin(mono_ns=monotonic_ns() + ahead_ns, unix_ns=time_ns() + ahead_ns)
