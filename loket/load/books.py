"""Whether a worker's three books agree: its journal, its series, and the ledger it kept while writing them.

A row that is missing from one of them would change a figure without anybody noticing. Each tick carries the ledger of
its instant, so the first tick that the lines written by then do not give tells when the row was lost.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from loket.records import Ledger, OperationType, Row, Shift
from loket.verdict import Doubt

SECOND_NS = 1_000_000_000
Kind = OperationType | Literal["arrive", "leave"]
Counts = tuple[int, ...]


class Coming(Row, frozen=True):
    """The fields of a visit that tell which of its two rows it is, and when it was written."""

    type: Literal["arrive", "leave"]
    mono_ns: int


class Increment(Row, frozen=True):
    """A row of the series without its times."""

    second: int
    sent: int = 0
    ok: int = 0
    refused: int = 0
    errors: int = 0
    unknown: int = 0
    dropped: int = 0


class Page:
    """The lines of one file, counted in their order beside the ticks of their worker."""

    def __init__(
        self, shift: list[Shift], written: Callable[[Counter[Kind]], Counts], counted: Callable[[Shift], Counts]
    ):
        self._shift = shift
        self._written = written
        self._counted = counted
        self._next = 0
        self._apart: Shift | None = None
        self.lines: Counter[Kind] = Counter()

    def note(self, kind: Kind, mono_ns: int) -> None:
        """The next line of the file."""
        while self._next < len(self._shift) and self._shift[self._next].mono_ns < mono_ns:
            self._look()
        self.lines[kind] += 1

    def apart_s(self, origin_ns: int) -> float:
        """The second of the first row of the shift whose ledger the lines by then did not give; else of the last."""
        while self._next < len(self._shift):
            self._look()
        row = self._apart or self._shift[-1]
        return round((row.mono_ns - origin_ns) / 1e9, 2)

    def _look(self) -> None:
        row = self._shift[self._next]
        self._next += 1
        if self._apart is None and self._written(self.lines) != self._counted(row):
            self._apart = row


class Books:
    """Of one worker that came to its end: every line of its journal is to be noted, then its series read."""

    def __init__(self, worker: str, shift: list[Shift], origin_ns: int) -> None:
        self._worker = worker
        self._end = shift[-1]
        self._origin_ns = origin_ns
        self._operations = Page(shift, _attempts, lambda row: _of_ledger(row.requests))
        self._people = Page(shift, lambda lines: (lines["arrive"], lines["leave"]), _comings)
        # Of the attempts intended for each second: how many there were, and how they ended.
        self._seconds: dict[int, Counter[Kind]] = {}

    def operation(self, kind: OperationType, mono_ns: int, intended_ns: int) -> None:
        """A line of the journal of operations."""
        self._operations.note(kind, mono_ns)
        second = (intended_ns - self._origin_ns) // SECOND_NS
        self._seconds.setdefault(second, Counter())[kind] += 1

    def coming(self, row: Coming) -> None:
        """A line of the journal of people."""
        self._people.note(row.type, row.mono_ns)

    def journal_doubts(self) -> Iterator[Doubt]:
        """Whether the journal of operations says what the ledger says."""
        # An attempt that the end of the run cut off has no second line, and counts as unknown.
        invoked, ok, failed, unknown = _attempts(self._operations.lines)
        written = (invoked, ok, failed, unknown + invoked - ok - failed - unknown)
        counted = _of_ledger(self._end.requests)
        if written != counted:
            reason = f"worker {self._worker}'s journal and ledger differ (invoked, ok, failed, unknown)"
            yield Doubt(reason=f"{reason}: {written}, {counted}", second=self._operations.apart_s(self._origin_ns))

    def people_doubts(self) -> Iterator[Doubt]:
        """Whether as many people came and left as were counted."""
        came = self._people.lines
        if (came["arrive"], came["leave"]) != _comings(self._end):
            yield Doubt(
                reason=f"worker {self._worker} wrote {came['arrive']} arrivals and {came['leave']} departures,"
                f" and counted {self._end.arrivals.sent} people",
                second=self._people.apart_s(self._origin_ns),
            )

    def series_doubts(self, rows: Iterable[Increment]) -> Iterator[Doubt]:
        """Whether the series says what the ledger says; the second is the first in which it is not the journal's."""
        columns = ("sent", "ok", "failed", "unknown", "dropped")
        seconds: dict[int, Counter[str]] = {}
        for row in rows:
            seconds.setdefault(row.second, Counter()).update(
                sent=row.sent, ok=row.ok, failed=row.refused + row.errors, unknown=row.unknown, dropped=row.dropped
            )
        sums = Counter[str]()
        for counts in seconds.values():
            sums.update(counts)
        written = tuple(sums[column] for column in columns)
        counted = tuple(getattr(self._end.requests, column) for column in columns)
        if written != counted:
            reason = f"worker {self._worker}'s series and ledger differ ({', '.join(columns)}): {written}, {counted}"
            yield Doubt(reason=reason, second=self._first_apart(seconds))

    def _first_apart(self, seconds: dict[int, Counter[str]]) -> float | None:
        for second in sorted(seconds.keys() | self._seconds.keys()):
            of_series = seconds.get(second, Counter())
            of_journal = _attempts(self._seconds.get(second, Counter()))[:3]
            sent, dropped = of_series["sent"], of_series["dropped"]
            if (sent + dropped, of_series["ok"], of_series["failed"] + dropped) != of_journal:
                return float(second)
        return None


def _attempts(lines: Counter[Kind]) -> Counts:
    return tuple(lines[kind] for kind in OperationType)


def _of_ledger(requests: Ledger) -> Counts:
    """In the order of `OperationType`; what never left was invoked all the same, and has failed."""
    return (requests.sent + requests.dropped, requests.ok, requests.failed + requests.dropped, requests.unknown)


def _comings(row: Shift) -> Counts:
    people = row.arrivals
    return (people.sent, people.ok + people.failed + people.unknown)
