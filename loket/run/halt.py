"""Whether a run has to be halted: its stop conditions, held against the seconds of the load as they are written."""

from collections.abc import Sequence

import msgspec

from loket.gate.phases import Phases
from loket.gate.samples import Samples
from loket.gate.stop import StopCondition
from loket.records import Second
from loket.run.watch import Tail
from loket.run_directory import RunDirectory

# A request that is not answered so long after its second counts as an error of it. Workers write once a second.
PATIENCE_S = 2


class Halt:
    """`look` reads what the workers have written since, and says which condition is met and by what."""

    def __init__(self, run: RunDirectory, conditions: Sequence[StopCondition], phases: Phases) -> None:
        self._run = run
        self._conditions = conditions
        self._phases = phases
        self._tails: dict[str, Tail] = {}
        self._rows: list[Second] = []
        self._decoder = msgspec.json.Decoder(Second)
        self._judged = 0

    def look(self, now_s: float) -> tuple[StopCondition, str] | None:
        """The condition that is met at `now_s` of the run, with the figure that met it."""
        before = int(now_s) - PATIENCE_S + 1
        if not self._conditions or before <= self._judged:
            return None
        self._judged = before
        self._read(before - max(condition.seconds for condition in self._conditions))
        samples = Samples(self._phases, self._rows, {})
        for condition in self._conditions:
            if figure := condition.met(samples, before):
                return condition, figure
        return None

    def _read(self, since: int) -> None:
        """Take in the new rows, and forget those of seconds before `since`."""
        rows = [row for row in self._rows if row.second >= since]
        for worker in self._run.workers():
            tail = self._tails.setdefault(worker, Tail(self._run.series / f"load-{worker}.ndjson"))
            rows += [row for row in map(self._decoder.decode, tail.lines()) if row.second >= since]
        self._rows = rows
