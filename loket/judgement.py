"""The judgement of a run, from its directory alone: audit, gates and validity folded into `verdict.json`."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from loket.audit.audit import Audit, audit
from loket.doubts import UNDER_TEST, audit_doubts, fault_doubts, runner_doubts, service_deaths, told_once
from loket.experiment import Experiment
from loket.facts import Facts
from loket.faultspans import fault_spans
from loket.gate.histogram_files import write_histograms
from loket.gate.judgement import judge as judge_gates
from loket.gate.phases import Phases, fault_windows
from loket.gate.samples import Samples
from loket.gate.vocabulary import STAYS_UP
from loket.load.plan import LoadPlan
from loket.load.validity import doubts as load_doubts
from loket.narrative import Bookings, longest_wait_s, networks, sentences
from loket.records import BadLine, Ledger, added
from loket.run_directory import RunDirectory, write_whole
from loket.verdict import (
    EXIT_CODES,
    CheckResult,
    CheckVerdict,
    Doubt,
    GateResult,
    GateVerdict,
    Verdict,
    Word,
    worst,
)

Part = TypeVar("Part")
Other = TypeVar("Other")


class Plan(msgspec.Struct, frozen=True):
    """What the judgement needs of `plan.json`."""

    name: str
    document: dict[str, object]
    versions: dict[str, str]


def judge(run: RunDirectory) -> Verdict:
    """Judge the run and write `verdict.json` and `histograms/`.

    Raises FileNotFoundError, msgspec.DecodeError or ExperimentError where the directory is not a run's. A line of
    the run's files that cannot be read is a doubt, not an error.
    """
    plan = msgspec.json.decode(run.plan.read_bytes(), type=Plan)
    experiment = Experiment.of_document(plan.name, plan.document)
    facts = Facts.read(run.root)
    verdict = _Judgement(run, experiment, facts, plan.versions).verdict()
    write_whole(run.verdict, msgspec.json.format(msgspec.json.encode(verdict), indent=2) + b"\n")
    return verdict


class _Judgement:
    """One reading of one directory; every part of the verdict comes from the same reading."""

    def __init__(self, run: RunDirectory, experiment: Experiment, facts: Facts, versions: dict[str, str]) -> None:
        self._run = run
        self._experiment = experiment
        self._facts = facts
        self._versions = versions
        self._audit: Audit = audit(run)
        self._load: LoadPlan = experiment.load_plan_on_paper(run.root)
        # Sentences for what could not be read, each once.
        self._torn: dict[str, None] = {}
        self._faults = self._read(lambda: tuple(fault_spans(experiment.faults, run)), ())

    def _read(self, read: Callable[[], Part], otherwise: Other) -> Part | Other:
        """What `read` returns, or `otherwise` and a doubt where a line of its files is not what it should be."""
        try:
            return read()
        except BadLine as error:
            self._torn[str(error)] = None
            return otherwise

    def verdict(self) -> Verdict:
        checks = tuple(check for check in self._audit.checks if check.number in self._experiment.check_numbers)
        gates = self._gates()
        ledgers = self._read(lambda: _ledgers(self._run), NOTHING_COUNTED)
        told = self._sentences(checks, ledgers)
        doubts = self._doubts(checks)
        word = worst(self._words(checks, gates, doubts))
        return Verdict(
            verdict=word,
            exit_code=EXIT_CODES[word],
            title=self._experiment.title,
            scenario=self._experiment.scenario,
            seed=self._experiment.seed,
            started_at=self._facts.started_at,
            duration_s=self._facts.duration_s,
            sentences=told,
            gates=gates,
            checks=checks,
            doubts=doubts,
            resolved=self._audit.resolved,
            missing_codes=self._audit.missing_codes or (),
            faults=self._faults,
            funnel=self._audit.funnel or (),
            outcomes=self._audit.outcomes or {},
            ledgers=ledgers,
            unhealed=tuple(self._facts.unhealed),
            defects=self._experiment.service.defects,
            versions=self._versions,
            overhead_s=self._facts.overhead_s,
            longest_code_wait_s=longest_wait_s(self._audit.waits),
        )

    def _words(self, checks: Sequence[CheckResult], gates: Sequence[GateResult], doubts: Sequence[Doubt]) -> set[Word]:
        said = {
            Word.WRONG: any(check.verdict is CheckVerdict.VIOLATED for check in checks),
            Word.UNHEALED: bool(self._facts.unhealed),
            Word.INTERRUPTED: self._facts.interrupted_by is not None,
            Word.INVALID: bool(doubts),
            Word.BROKEN: any(gate.verdict is not GateVerdict.PASSED for gate in gates),
        }
        return {word for word, so in said.items() if so}

    def _gates(self) -> tuple[GateResult, ...]:
        phases = Phases.of(self._load)
        origin = self._run.origin()
        windows = fault_windows(self._read(lambda: list(self._run.faults()), ()), origin.mono_ns) if origin else {}
        missing = None if self._audit.missing_codes is None else len(self._audit.missing_codes)
        seconds = self._read(lambda: list(self._run.seconds()), ())
        self._read(lambda: write_histograms(self._run, phases), None)
        samples = Samples(phases, list(seconds), windows, self._audit.waits or (), missing)
        own = () if self._experiment.target else (self._stayed_up(),)
        return (*own, *self._halted(), *judge_gates(self._experiment.parsed_gates(), samples))

    def _stayed_up(self) -> GateResult:
        """The gate of every experiment whose service Loket has started: no part of it died by itself."""
        deaths = service_deaths(self._facts)
        told = "; ".join(f"{death.part} in second {death.second:.0f} ({death.ending})" for death in deaths)
        return GateResult(
            gate=STAYS_UP,
            verdict=GateVerdict.FAILED if deaths else GateVerdict.PASSED,
            figure=f"died: {told}" if deaths else "no part died",
            samples=len(UNDER_TEST),
        )

    def _halted(self) -> Iterator[GateResult]:
        """A run that was halted has failed, whatever its gates say of what was measured until then."""
        if halted := self._facts.halted:
            yield GateResult(
                gate=f"not halted by {halted.condition}",
                verdict=GateVerdict.FAILED,
                figure=f"{halted.figure} in second {halted.second:.0f}",
                samples=1,
            )

    def _doubts(self, checks: Sequence[CheckResult]) -> tuple[Doubt, ...]:
        """Causes before consequences: what the runner saw, then the load, the faults, the audit."""
        halted = self._facts.halted is not None
        load = self._read(lambda: load_doubts(self._run, self._load, halted=halted), ())
        # What was to come after a halt did not come: that is its purpose.
        began = {span.fault for span in self._faults}
        played = [fault for fault in self._experiment.faults if fault.name in began or not halted]
        faults = self._read(lambda: tuple(fault_doubts(played, self._faults, self._run)), ())
        audit_said = list(audit_doubts(self._audit, checks, self._facts))
        torn = [Doubt(reason=sentence) for sentence in self._torn]
        return told_once([*runner_doubts(self._facts), *torn, *load, *faults, *audit_said])

    def _sentences(self, checks: Sequence[CheckResult], ledgers: dict[str, dict[str, int]]) -> tuple[str, ...]:
        people = ledgers["people"]["sent"]
        bookings = self._read(lambda: Bookings.of(self._run.events()), None) if self._run.events_file.exists() else None
        told = sentences(people, bookings, self._audit.missing_codes, self._audit.waits, self._faults, checks)
        by_network = self._read(lambda: networks(self._run.visits()), ())
        return (*told[:2], *by_network, *told[2:])


def _counted(people: Iterable[Ledger], requests: Iterable[Ledger]) -> dict[str, dict[str, int]]:
    return {
        "people": msgspec.structs.asdict(added(people)),
        "requests": msgspec.structs.asdict(added(requests)),
    }


NOTHING_COUNTED = _counted((), ())


def _ledgers(run: RunDirectory) -> dict[str, dict[str, int]]:
    """The workers' ledgers added up: `people` for arrivals, `requests` for requests."""
    last = [shift for worker in run.workers() for shift in deque(run.shifts(worker), maxlen=1)]
    return _counted((shift.arrivals for shift in last), (shift.requests for shift in last))
