"""Whether a run can be trusted: was it the service that was measured, or the generator's own trouble?

Pure: it reads what the workers wrote down and nothing else. A doubt is never about the service, and says in which
second it began wherever it has one. `limits.py` has the limits; each kind of doubt has a module of its own.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from loket.load.books import SECOND_NS, Books, Coming, Increment
from loket.load.headcount import crowd_doubts, extent_doubts
from loket.load.health import ailments
from loket.load.lateness import Lateness, opening_doubts
from loket.load.limits import LIMITS, Limits
from loket.load.plan import LoadPlan
from loket.load.remote.hosts import remote_doubts
from loket.records import BadLine, OperationType, Origin, Row, Shift, read_rows
from loket.run_directory import RunDirectory
from loket.verdict import Doubt


class _Sending(Row, frozen=True):
    """The fields of an operation that tell which person's it was, how late it left, and how it ended."""

    type: OperationType
    mono_ns: int
    intended_ns: int
    user: int


AnyRow = TypeVar("AnyRow", Shift, _Sending, Coming, Increment)


def doubts(run_directory: RunDirectory, plan: LoadPlan, limits: Limits = LIMITS, halted: bool = False) -> list[Doubt]:
    """Every reason not to trust the run; none where there is none. One that was `halted` need not be whole."""
    origin = run_directory.origin()
    workers = run_directory.workers()
    if origin is None or not workers:
        return [Doubt(reason="the load never began: no worker wrote anything down")]
    reading = _Reading(run_directory, plan, origin, limits)
    for worker in workers:
        reading.read(worker)
    return reading.doubts(halted)


class _Reading:
    """One reading of the records of all workers."""

    def __init__(self, run_directory: RunDirectory, plan: LoadPlan, origin: Origin, limits: Limits) -> None:
        self._directory = run_directory
        self._plan = plan
        self._origin = origin
        self._limits = limits
        self._found: list[Doubt] = []
        self._shifts: dict[str, list[Shift]] = {}
        self._lateness: list[Lateness] = []
        self._torn: set[Path] = set()

    def doubts(self, halted: bool) -> list[Doubt]:
        """Of the workers that were read, one by one, and then of all of them together."""
        found = [
            *self._found,
            *remote_doubts(self._directory),
            *opening_doubts(self._lateness, self._plan, self._limits),
        ]
        if self._shifts:
            found += crowd_doubts(self._shifts, self._plan, self._origin)
            found += () if halted else extent_doubts(self._shifts, self._origin, self._limits)
        return found

    def read(self, worker: str) -> None:
        """Everything that the worker wrote down."""
        shift = list(self._rows(self._directory.journal / f"shift-{worker}.ndjson", Shift))
        if not shift:
            self._found.append(Doubt(reason=f"worker {worker} was lost before its first word", second=0.0))
            return
        self._shifts[worker] = shift
        self._found += ailments(worker, shift, self._origin.mono_ns, self._limits)
        self._read_books(worker, shift)

    def _read_books(self, worker: str, shift: list[Shift]) -> None:
        books = Books(worker, shift, self._origin.mono_ns)
        lateness = Lateness(self._plan, self._origin.mono_ns, self._limits)
        self._lateness.append(lateness)
        operations = self._directory.journal / f"operations-{worker}.ndjson"
        for sending in self._rows(operations, _Sending):
            books.operation(sending.type, sending.mono_ns, sending.intended_ns)
            if sending.type is OperationType.INVOKE:
                lateness.note(sending)
        people = self._directory.journal / f"people-{worker}.ndjson"
        for coming in self._rows(people, Coming):
            books.coming(coming)
        series = self._directory.series / f"load-{worker}.ndjson"
        increments = list(self._rows(series, Increment))
        self._found += lateness.doubts(worker)
        # The books of a lost worker need not agree, nor those with a torn line: that is told, and this follows from it.
        if shift[-1].type == "end":
            self._found += () if operations in self._torn else books.journal_doubts()
            self._found += () if people in self._torn else books.people_doubts()
            self._found += () if series in self._torn else books.series_doubts(increments)

    def _rows(self, path: Path, kind: type[AnyRow]) -> Iterator[AnyRow]:
        """Every row of the file; a torn line is a doubt, dated by the row before it."""
        seen_ns = self._origin.mono_ns

        def tear(error: BadLine) -> None:
            self._torn.add(path)
            self._found.append(Doubt(reason=str(error), second=round((seen_ns - self._origin.mono_ns) / 1e9, 2)))

        for row in read_rows(path, kind, torn=tear):
            seen_ns = self._origin.mono_ns + row.second * SECOND_NS if isinstance(row, Increment) else row.mono_ns
            yield row
