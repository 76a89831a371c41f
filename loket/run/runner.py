"""The runner: takes one experiment through its phases and always heals, whatever happens on the way."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import TracebackType

import msgspec

from chaos.errors import NetworkError
from chaos.links import branch_name
from chaos.profiles import PROFILES
from loket.doubts import UNDER_TEST
from loket.experiment import Experiment
from loket.facts import Facts, Halted
from loket.gate.phases import Phases
from loket.load.plan import LoadPlan
from loket.load.remote.hosts import read_hosts
from loket.records import Origin
from loket.run.collector import Collector
from loket.run.display import Display, progress_line
from loket.run.fault_player import FaultPlayer
from loket.run.gathering import Gathering
from loket.run.halt import Halt
from loket.run.interrupt import Interrupt
from loket.run.load_processes import LOAD_PLAN, LoadProcesses
from loket.run.quiesce import await_quiet, pending_at
from loket.run.reserve import Reserve
from loket.run.staging import stage_of
from loket.run.watch import DeathWatch, ProgressReader
from loket.run_directory import RunDirectory, write_whole
from loket.stack.keeper import Keeper
from loket.stack.part import StackError
from loket.stack.probe import LOOPBACK
from loket.stack.stage import Stage

LOOK_PERIOD_S = 0.25
# The load's processes import Locust and connect: past this they will not begin any more.
ORIGIN_TIMEOUT_S = 60.0
# People whose patience ends late may leave after the drain; past this the load is stopped.
OVERTIME_S = 15.0


class Runner:
    """One run. `run()` leaves the network healed, every process ended and `facts.json` written, come what may."""

    def __init__(
        self,
        experiment: Experiment,
        run: RunDirectory,
        display: Display,
        interrupt: Interrupt,
        reserve: Reserve,
        environ: Mapping[str, str],
        toxiproxy_url: str | None = None,
        gathering: Gathering | None = None,
    ) -> None:
        """With a `gathering` the load's workers are those that come to it from other hosts."""
        self._experiment = experiment
        self._run = run
        self._display = display
        self._interrupt = interrupt
        self._reserve = reserve
        self._environ = environ
        self._toxiproxy_url = toxiproxy_url
        self._gathering = gathering
        self._facts = Facts(started_at=datetime.now(UTC).isoformat(timespec="seconds"))
        self._origin: Origin | None = None
        self._edges: Mapping[str, str] = {}
        self._began = time.monotonic()
        self._disk_full = False

    def run(self) -> None:
        """Every phase up to the last feed read; what goes wrong on the way is in the facts."""
        msgspec.structs.replace(self._facts, unfinished=True).write(self._run.root)
        with ExitStack() as undo:
            keeper = Keeper(self._run.logs / "keeper.log")
            undo.callback(keeper.dismiss)
            undo.push(self._note_end)
            undo.callback(self._reserve.give_back)
            requested, url = self._interrupt.requested, self._toxiproxy_url
            host = self._gathering.host if self._gathering else LOOPBACK
            stage = stage_of(self._experiment, self._run, keeper, requested, self._environ, url, host)
            undo.callback(stage.stop)
            with self._noting_trouble():
                self._start(stage)
                self._conduct(stage, keeper)

    def _start(self, stage: Stage) -> None:
        self._display.show("starting the stack")
        stage.start()
        networks = self._experiment.networks
        if networks.profile:
            stage.network.set_profile("edge", PROFILES[networks.profile])
        self._edges = stage.open_edges(networks.names)
        for profile in self._edges:
            stage.network.set_profile(branch_name("edge", profile), PROFILES[profile])
        self._spent("stack_start", self._began)

    def _conduct(self, stage: Stage, keeper: Keeper) -> None:
        watch = DeathWatch(stage.dead, self._display.tell)
        collector = Collector(self._run, stage.feeds)
        collector.start()
        with self._noting_trouble():
            self._load(stage, keeper, watch)
            self._settle(stage, watch)
        collecting = time.monotonic()
        self._reserve.give_back()
        self._facts.missing_sources = collector.finish()
        self._facts.not_offered = collector.not_offered
        self._facts.deaths = watch.deaths
        self._spent("collect", collecting)

    def _load(self, stage: Stage, keeper: Keeper, watch: DeathWatch) -> None:
        """Phases closed, rush, drain and heal: people and faults on one clock."""
        began = time.monotonic()
        plan = self._run.root / LOAD_PLAN
        write_whole(plan, msgspec.json.encode(self._load_plan(stage)))
        experiment = self._experiment
        processes = LoadProcesses(
            experiment.scenario, plan, experiment.load.workers, self._run.logs, keeper, self._gathering
        )
        try:
            processes.start()
            self._origin = self._await_origin(processes)
            if self._origin is None:
                return
            self._spent("load_start", began)
            faults = FaultPlayer(self._experiment, stage, self._run, self._facts, self._origin)
            try:
                # Inside: what fails after the first fault has begun must not leave it.
                faults.start()
                self._follow(processes, faults, watch)
            finally:
                self._display.show("healing the network")
                faults.heal()
            processes.look(self._second())
            self._facts.losses = processes.losses()
        finally:
            processes.stop()
            plan.unlink(missing_ok=True)

    def _await_origin(self, processes: LoadProcesses) -> Origin | None:
        """The origin once the load has begun; None where the run has to end. Raises StackError where it never does."""
        self._display.show("gathering the people")
        if self._gathering and not self._await_workers(processes, self._gathering):
            return None
        deadline = time.monotonic() + ORIGIN_TIMEOUT_S
        while not self._ending(0.05):
            if origin := self._run.origin():
                return origin
            if not processes.running() or time.monotonic() > deadline:
                trouble = processes.trouble() or [f"the load did not begin within {ORIGIN_TIMEOUT_S:.0f} s"]
                raise StackError("; ".join(trouble))
        return None

    def _await_workers(self, processes: LoadProcesses, gathering: Gathering) -> bool:
        """Whether every worker came; False where the run has to end. Raises StackError where too few did in time."""
        deadline = time.monotonic() + gathering.patience_s
        while (here := len(read_hosts(self._run))) < gathering.workers:
            progress = f"{here} of {gathering.workers} workers have come; on each of their hosts: {gathering.command}"
            self._display.show("waiting for workers", progress)
            if self._ending(0.1):
                return False
            if not processes.running():
                raise StackError("; ".join(processes.trouble()))
            if time.monotonic() > deadline:
                few = f"{here} of {gathering.workers} workers came within {gathering.patience_s:g} s"
                raise StackError(f"{few}; on each of their hosts: {gathering.command}")
        return True

    def _follow(self, processes: LoadProcesses, faults: FaultPlayer, watch: DeathWatch) -> None:
        """Until the people have left, or going on would measure nothing."""
        progress = ProgressReader(self._run)
        load = self._experiment.load
        halt = Halt(
            self._run,
            self._experiment.stop_conditions(),
            Phases.of(self._experiment.load_plan_on_paper(self._run.root)),
        )
        while processes.running() and not self._ending(LOOK_PERIOD_S):
            second = self._second()
            watch.look(second)
            processes.look(second)
            phase = load.phase_at(second)
            self._display.show(phase, progress_line(second, phase, progress.read(), faults.active()))
            if any(death.part not in UNDER_TEST for death in watch.deaths):
                return
            if met := halt.look(second):
                condition, figure = met
                self._facts.halted = Halted(condition=condition.text, figure=figure, second=round(second, 1))
                self._display.tell(f"halted in second {second:.0f}: {condition.text} ({figure})")
                return
            if second > load.ends_s + OVERTIME_S:
                self._facts.trouble.append(f"the load was still running in second {second:.0f} and was stopped")
                return

    def _settle(self, stage: Stage, watch: DeathWatch) -> None:
        """Start what died again, so that it can be audited, then wait for the service to keep its promises."""
        watch.look(self._second())
        for death in watch.deaths:
            try:
                stage.restart(death.part)
            except StackError as error:
                self._display.tell(str(error))
        service = stage.feeds.service
        if self._origin is None or service is None or "engine" in stage.dead() or self._ending(0):
            return

        def ending(seconds: float) -> bool:
            watch.look(self._second())
            self._display.show("waiting for the service to finish what it promised")
            return self._ending(seconds)

        pending = pending_at(service, stage.feeds)
        self._facts.still_pending = await_quiet(pending, self._experiment.service.quiesce_s, ending)
        if not self._ending(0):
            self._facts.quiesced_at_unix_ns = time.time_ns()

    def _ending(self, seconds: float) -> bool:
        """Wait up to `seconds`; whether the run has to end before its time."""
        if not self._disk_full and (full := self._reserve.low()):
            self._disk_full = True
            self._facts.trouble.append(full)
        return self._disk_full or self._interrupt.wait(seconds)

    @contextmanager
    def _noting_trouble(self) -> Iterator[None]:
        """Whatever the surroundings refuse makes the run invalid, not the runner fall over it."""
        try:
            yield
        except (StackError, NetworkError, OSError) as error:
            if not self._interrupt.requested():
                self._facts.trouble.append(str(error))

    def _load_plan(self, stage: Stage) -> LoadPlan:
        entrance = stage.entrance
        plan = self._experiment.load_plan(
            service_url=entrance.edge,
            bank_url=entrance.bank,
            direct_url=entrance.service,
            admin_token=entrance.admin_token,
            office_token=entrance.office_token,
            simkim_url=entrance.simkim,
            staff_token=entrance.staff_token,
            edges=self._edges,
            run_directory=str(self._run.root),
        )
        # What is embedded is the run's own, wherever people of other hosts find it.
        own = self._experiment.target is None and self._gathering is not None and not self._gathering.on_loopback
        return msgspec.structs.replace(plan, i_am_allowed_to_load_it=True) if own else plan

    def _second(self) -> float:
        return (time.monotonic_ns() - self._origin.mono_ns) / 1e9 if self._origin else 0.0

    def _spent(self, what: str, since: float) -> None:
        self._facts.overhead_s[what] = round(time.monotonic() - since, 2)

    def _note_end(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error:
            self._facts.trouble.append(f"the runner itself failed: {type(error).__name__}: {error}")
        self._facts.interrupted_by = self._interrupt.by
        self._facts.duration_s = round(time.monotonic() - self._began, 1)
        self._facts.write(self._run.root)
        self._display.close()
