"""The runner: takes one experiment through its phases and always heals, whatever happens on the way."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime

import msgspec

from chaos.agenda import FailureKind
from chaos.errors import NetworkError
from chaos.profiles import PROFILES
from chaos.timeline import Timeline
from loket.experiment import Experiment
from loket.load.plan import LoadPlan
from loket.records import FaultEntry, Origin, encode
from loket.run.collector import Collector, Sources
from loket.run.crowd import Crowd
from loket.run.display import Display, progress_line
from loket.run.facts import Death, Facts
from loket.run.interrupt import Interrupt
from loket.run.quiesce import await_quiet, service_pending
from loket.run.watch import DeathWatch, ProgressReader
from loket.run_directory import RunDirectory, write_whole
from loket.stack.embedded import EmbeddedStack
from loket.stack.keeper import Keeper
from loket.stack.part import StackError

LOOK_PERIOD_S = 0.25
# The load's processes import Locust and connect: past this they will not begin any more.
ORIGIN_TIMEOUT_S = 60.0
# People whose patience ends late may leave after the drain; past this the load is stopped.
OVERTIME_S = 15.0


class Runner:
    """One run. `run()` returns the facts; the directory is complete when it does, and healed."""

    def __init__(self, experiment: Experiment, run: RunDirectory, display: Display) -> None:
        self._experiment = experiment
        self._run = run
        self._display = display
        self.facts = Facts(started_at=datetime.now(UTC).isoformat(timespec="seconds"))
        self._interrupt = Interrupt(display.tell)
        self._origin: Origin | None = None
        self._began = time.monotonic()

    def run(self) -> Facts:
        """Every phase up to the last feed read. Raises StackError when the stack could not be started."""
        with self._interrupt, ExitStack() as undo:
            keeper = Keeper(self._run.logs / "keeper.log")
            undo.callback(keeper.dismiss)
            undo.callback(self._note_end)
            stack = self._start_stack(keeper)
            undo.callback(stack.stop)
            collector = Collector(self._run, _sources(stack))
            collector.start()
            self._conduct(stack, collector, keeper)
        return self.facts

    def _start_stack(self, keeper: Keeper) -> EmbeddedStack:
        self._display.show("starting the stack")
        stack = EmbeddedStack(
            self._run.root,
            self._experiment.stack_settings(),
            keeper,
            holder=self._run.root.name,
            decisions=self._run.faults_file,
            interrupted=self._interrupt.requested,
        )
        stack.start()
        if self._experiment.load.profile and not self._interrupt.requested():
            stack.network.set_profile("edge", PROFILES[self._experiment.load.profile])
        self._spent("stack_start", self._began)
        return stack

    def _conduct(self, stack: EmbeddedStack, collector: Collector, keeper: Keeper) -> None:
        watch = DeathWatch(stack.dead, self._display.tell)
        try:
            if not self._interrupt.requested():
                self._load(stack, keeper, watch)
            self._settle(stack, watch)
        finally:
            collecting = time.monotonic()
            self.facts.missing_sources = collector.finish()
            if collector.broken:
                self.facts.trouble.append(collector.broken)
            self.facts.deaths = watch.deaths
            self._spent("collect", collecting)

    def _load(self, stack: EmbeddedStack, keeper: Keeper, watch: DeathWatch) -> None:
        """Phases closed, rush, drain and heal: people and faults on one clock."""
        began = time.monotonic()
        plan = self._run.root / "load.json"
        write_whole(plan, msgspec.json.encode(self._load_plan(stack)))
        load = self._experiment.load
        crowd = Crowd(self._experiment.scenario, plan, load.workers, self._run.logs, keeper)
        try:
            crowd.start()
            origin = self._await_origin(crowd)
            if origin is None:
                return
            self._spent("load_start", began)
            timeline = self._timeline(stack, origin)
            timeline.start()
            try:
                self._follow(crowd, timeline, watch, origin)
            finally:
                self._heal(stack, timeline)
        finally:
            crowd.stop()
            plan.unlink(missing_ok=True)  # it carries the administration token
            self.facts.trouble += crowd.trouble()

    def _await_origin(self, crowd: Crowd) -> Origin | None:
        deadline = time.monotonic() + ORIGIN_TIMEOUT_S
        while not self._interrupt.wait(0.05):
            self._display.show("gathering the people")
            self._origin = self._run.origin()
            if self._origin or not crowd.running() or time.monotonic() > deadline:
                break
        if self._origin is None and not self._interrupt.requested():
            trouble = crowd.trouble() or [f"the load did not begin within {ORIGIN_TIMEOUT_S:.0f} s"]
            raise StackError("; ".join(trouble))
        return self._origin

    def _timeline(self, stack: EmbeddedStack, origin: Origin) -> Timeline:
        faults = self._run.faults_file.open("ab", buffering=0)

        def record(row: object) -> None:
            faults.write(encode(msgspec.convert(row, FaultEntry, from_attributes=True)))

        return Timeline(
            self._experiment.faults,
            stack.network,
            opens_at_s=self._experiment.load.opens_at_s,
            clock=time.monotonic_ns,
            origin_mono_ns=origin.mono_ns,
            record=record,
        )

    def _follow(self, crowd: Crowd, timeline: Timeline, watch: DeathWatch, origin: Origin) -> None:
        progress = ProgressReader(self._run)
        load = self._experiment.load
        end_s = load.opens_at_s + load.rush_s + load.drain_s + OVERTIME_S
        while crowd.running() and not self._interrupt.wait(LOOK_PERIOD_S):
            second = (time.monotonic_ns() - origin.mono_ns) / 1e9
            watch.look(second)
            self._display.show(progress_line(second, load.phase_at(second), progress.read(), timeline.active()))
            if second > end_s:
                self.facts.trouble.append(f"the load was still running in second {second:.0f} and was stopped")
                break

    def _heal(self, stack: EmbeddedStack, timeline: Timeline) -> None:
        self._display.show("healing the network")
        timeline.stop()
        unhealed = [failure for failure in timeline.failures if failure.kind is FailureKind.NOT_HEALED]
        self.facts.trouble += [str(failure) for failure in timeline.failures if failure not in unhealed]
        try:
            self.facts.unhealed = stack.network.verify_healed()
        except NetworkError as error:
            # A dead engine disturbs nobody any more; what it cannot confirm is said all the same.
            self.facts.trouble.append(f"whether the network is healed could not be asked: {error}")
            if not stack.dead():
                self.facts.unhealed = [str(failure) for failure in unhealed]

    def _settle(self, stack: EmbeddedStack, watch: DeathWatch) -> None:
        """Restart what died, then wait for the service to keep its promises."""
        watch.look(self._second())
        for death in watch.deaths:
            self._restart(stack, death)
        networked = all(death.part != "engine" for death in watch.deaths)
        if self._interrupt.requested() or self._origin is None or not networked:
            return
        service = self._experiment.service
        self._display.show("waiting for the service to finish what it promised")
        self.facts.still_pending = await_quiet(
            service_pending(stack.addresses.service, stack.tokens.audit), service.quiesce_s, self._wait_aloud
        )
        if not self._interrupt.requested():
            self.facts.quiesced_at_unix_ns = time.time_ns()

    def _restart(self, stack: EmbeddedStack, death: Death) -> None:
        """Give a dead part back, so that what it had promised can be audited; the engine's links are gone for good."""
        if death.part == "engine":
            return
        try:
            stack.restart(death.part)
        except StackError as error:
            self._display.tell(str(error))

    def _wait_aloud(self, seconds: float) -> bool:
        self._display.show("waiting for the service to finish what it promised")
        return self._interrupt.wait(seconds)

    def _load_plan(self, stack: EmbeddedStack) -> LoadPlan:
        return self._experiment.load_plan(
            service_url=stack.addresses.edge,
            bank_url=stack.addresses.bank,
            direct_url=stack.addresses.service,
            admin_token=stack.tokens.admin,
            run_directory=str(self._run.root),
        )

    def _second(self) -> float:
        return (time.monotonic_ns() - self._origin.mono_ns) / 1e9 if self._origin else 0.0

    def _spent(self, what: str, since: float) -> None:
        self.facts.overhead_s[what] = round(time.monotonic() - since, 2)

    def _note_end(self) -> None:
        self.facts.interrupted_by = self._interrupt.by
        self.facts.duration_s = round(time.monotonic() - self._began, 1)
        self.facts.write(self._run.root)
        self._display.close()


def _sources(stack: EmbeddedStack) -> Sources:
    return Sources(
        service=stack.addresses.service,
        simponi=stack.addresses.simponi,
        bank=stack.addresses.bank,
        audit_token=stack.tokens.audit,
        outside_token=stack.tokens.outside,
    )
