"""The faults of a run, played on the load's clock; their healing is made sure of."""

import time

import msgspec

from chaos.agenda import FailureKind, FaultRow
from chaos.errors import NetworkError
from chaos.timeline import STOP_TIMEOUT_S, Timeline
from loket.experiment import Experiment
from loket.facts import Facts
from loket.records import FaultEntry, Origin, encode
from loket.run.mark_watch import MarkWatch
from loket.run_directory import RunDirectory
from loket.stack.stage import Stage


class FaultPlayer:
    """The experiment's faults on the stage's network; `heal` notes in `facts` what it could not take back."""

    def __init__(self, experiment: Experiment, stage: Stage, run: RunDirectory, facts: Facts, origin: Origin) -> None:
        self._stage = stage
        self._facts = facts
        self._file = run.faults_file.open("ab", buffering=0)
        self._timeline = Timeline(
            experiment.faults,
            stage.network,
            opens_at_s=experiment.load.opens_at_s,
            clock=time.monotonic_ns,
            origin_mono_ns=origin.mono_ns,
            record=self._record,
        )

        events = {fault.at.event for fault in experiment.faults if fault.at.event}
        self._marks = MarkWatch(run, events, self._timeline.happened)

    def start(self) -> None:
        self._timeline.start()
        self._marks.start()

    def active(self) -> tuple[str, ...]:
        """Names of the faults under way."""
        return self._timeline.active()

    def heal(self) -> None:
        """Take every fault back and ask the network whether it is rid of them."""
        self._marks.stop()
        if self._ended():
            self._file.close()
        excused = {FailureKind.NOT_HEALED} | ({FailureKind.NOT_BEGUN} if self._facts.halted else set())
        unhealed = [failure for failure in self._timeline.failures if failure.kind is FailureKind.NOT_HEALED]
        self._facts.trouble += [str(each) for each in self._timeline.failures if each.kind not in excused]
        try:
            self._facts.unhealed = self._stage.network.verify_healed()
        except NetworkError as error:
            # A dead engine disturbs nobody any more; one that is there and does not answer may.
            if "engine" not in self._stage.dead():
                self._facts.trouble.append(f"whether the network is healed could not be asked: {error}")
                self._facts.unhealed = [str(failure) for failure in unhealed]

    def _ended(self) -> bool:
        """Stop the timeline, which heals; whether it is over. What broke it is noted: its leases heal in its place."""
        try:
            # A dead engine has taken its links with it: there is nothing to wait for.
            return self._timeline.stop(0.0 if "engine" in self._stage.dead() else STOP_TIMEOUT_S)
        except Exception as error:
            self._facts.trouble.append(f"the faults were not played to their end: {type(error).__name__}: {error}")
            return True

    def _record(self, row: FaultRow) -> None:
        self._file.write(encode(msgspec.convert(row, FaultEntry, from_attributes=True)))
