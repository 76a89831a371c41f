"""Whether a worker's three books agree: its journal, its series, and the ledger it kept while writing them.

A row that is missing from one of them would change a figure without anybody noticing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from loket.records import OperationType, Row, Shift, read_rows
from loket.run_directory import RunDirectory
from loket.verdict import Doubt


class _Coming(Row, frozen=True):
    """The field of a visit that tells which of its two rows it is."""

    type: Literal["arrive", "leave"]


class _Counts(Row, frozen=True):
    """A row of the series without its times."""

    sent: int = 0
    ok: int = 0
    refused: int = 0
    errors: int = 0
    unknown: int = 0
    dropped: int = 0


def differences(directory: RunDirectory, worker: str, lines: Iterable[OperationType], end: Shift) -> Iterator[Doubt]:
    """What of a worker that came to its end does not agree; `lines` are the types in its journal of operations."""
    yield from _of_journal(worker, Counter(lines), end)
    yield from _of_people(worker, read_rows(directory.journal / f"people-{worker}.ndjson", _Coming), end)
    yield from _of_series(worker, read_rows(directory.series / f"load-{worker}.ndjson", _Counts), end)


def _of_journal(worker: str, lines: Counter[OperationType], end: Shift) -> Iterator[Doubt]:
    open_ends = 2 * lines[OperationType.INVOKE] - lines.total()
    written = (
        lines[OperationType.INVOKE],
        lines[OperationType.OK],
        lines[OperationType.FAIL],
        lines[OperationType.INFO] + open_ends,
    )
    ledger = end.requests
    counted = (ledger.sent + ledger.dropped, ledger.ok, ledger.failed + ledger.dropped, ledger.unknown)
    if written != counted:
        yield Doubt(
            reason=f"worker {worker}'s journal and ledger differ (invoked, ok, failed, unknown): {written}, {counted}"
        )


def _of_people(worker: str, comings: Iterable[_Coming], end: Shift) -> Iterator[Doubt]:
    came = Counter(row.type for row in comings)
    people = end.arrivals
    if (came["arrive"], came["leave"]) != (people.sent, people.ok + people.failed + people.unknown):
        yield Doubt(
            reason=f"worker {worker} wrote {came['arrive']} arrivals and {came['leave']} departures,"
            f" and counted {people.sent} people"
        )


def _of_series(worker: str, rows: Iterable[_Counts], end: Shift) -> Iterator[Doubt]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update(sent=row.sent, ok=row.ok, failed=row.refused + row.errors, unknown=row.unknown, dropped=row.dropped)
    columns = ("sent", "ok", "failed", "unknown", "dropped")
    written = tuple(sums[column] for column in columns)
    counted = tuple(getattr(end.requests, column) for column in columns)
    if written != counted:
        yield Doubt(reason=f"worker {worker}'s series and ledger differ ({', '.join(columns)}): {written}, {counted}")
