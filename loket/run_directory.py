"""A run's directory: where each file lies, and how to write one so that it is whole at every moment."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loket.records import (
    Bill,
    ClockReading,
    Entry,
    Event,
    FaultEntry,
    Mark,
    Operation,
    Origin,
    Second,
    Shift,
    Visit,
    read_rows,
)


@dataclass(frozen=True)
class RunDirectory:
    """Paths and readers of one run. Reading a file that was never written yields nothing."""

    root: Path

    @property
    def plan(self) -> Path:
        return self.root / "plan.json"

    @property
    def origin_file(self) -> Path:
        return self.root / "origin.json"

    @property
    def journal(self) -> Path:
        return self.root / "journal"

    @property
    def series(self) -> Path:
        return self.root / "series"

    @property
    def histograms(self) -> Path:
        return self.root / "histograms"

    @property
    def hosts_file(self) -> Path:
        return self.root / "hosts.json"

    @property
    def events_file(self) -> Path:
        return self.root / "events.ndjson"

    @property
    def bills_file(self) -> Path:
        return self.root / "bills.ndjson"

    @property
    def ledger_file(self) -> Path:
        return self.root / "ledger.ndjson"

    @property
    def faults_file(self) -> Path:
        return self.root / "faults.ndjson"

    @property
    def verdict(self) -> Path:
        return self.root / "verdict.json"

    @property
    def report(self) -> Path:
        return self.root / "report.html"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def create(self) -> None:
        """Make the directory and its folders; those that exist are kept."""
        for folder in (self.root, self.journal, self.series, self.histograms, self.logs):
            folder.mkdir(parents=True, exist_ok=True)

    def origin(self) -> Origin | None:
        """The run's origin, or None while the load has not started."""
        if not self.origin_file.exists():
            return None
        return msgspec.json.decode(self.origin_file.read_bytes(), type=Origin)

    def workers(self) -> list[str]:
        """Names of the workers that opened a journal, sorted."""
        return sorted(path.stem.removeprefix("shift-") for path in self.journal.glob("shift-*.ndjson"))

    def marks(self) -> Iterator[Mark]:
        for path in sorted(self.journal.glob("marks-*.ndjson")):
            yield from read_rows(path, Mark)

    def operations(self, worker: str) -> Iterator[Operation]:
        return read_rows(self.journal / f"operations-{worker}.ndjson", Operation)

    def visits(self) -> Iterator[Visit]:
        for worker in self.workers():
            yield from read_rows(self.journal / f"people-{worker}.ndjson", Visit)

    def shifts(self, worker: str) -> Iterator[Shift]:
        return read_rows(self.journal / f"shift-{worker}.ndjson", Shift)

    def clock(self, worker: str) -> Iterator[ClockReading]:
        return read_rows(self.journal / f"clock-{worker}.ndjson", ClockReading)

    def seconds(self) -> Iterator[Second]:
        for worker in self.workers():
            yield from read_rows(self.series / f"load-{worker}.ndjson", Second)

    def events(self) -> Iterator[Event]:
        return read_rows(self.events_file, Event)

    def bills(self) -> Iterator[Bill]:
        return read_rows(self.bills_file, Bill)

    def ledger(self) -> Iterator[Entry]:
        return read_rows(self.ledger_file, Entry)

    def faults(self) -> Iterator[FaultEntry]:
        return read_rows(self.faults_file, FaultEntry)


def write_whole(path: Path, content: bytes) -> None:
    """Replace `path` by `content` in one step: a reader sees the old file or the new one, never half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
