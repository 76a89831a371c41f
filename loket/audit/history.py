"""The history of a run as checks read it: who wrote what down, on one time axis, without holding it all in memory."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from loket.audit.agreement import Agreement
from loket.audit.journal import Journal
from loket.audit.resolution import resolve
from loket.audit.sources import Source, Unreadable, read_document, read_lines
from loket.facts import FILE_NAME as FACTS
from loket.facts import Facts
from loket.records import Bill, Entry, Event, FaultEntry, Origin, Visit
from loket.run_directory import RunDirectory
from loket.verdict import Resolved


class NeverStarted(Unreadable):
    """There is no history: the load did not begin."""


class History:
    """One run directory. Readers raise Unreadable; events, bills and ledger are read from disk at each call."""

    def __init__(self, run: RunDirectory, origin: Origin, facts: Facts | None, agreement: Agreement) -> None:
        self._run = run
        self.origin = origin
        self._facts = facts
        self.agreement = agreement
        self._journal: Journal | Unreadable | None = None

    @classmethod
    def read(cls, run: RunDirectory) -> "History":
        """The history in `run`. Raises NeverStarted where it has no origin, Unreadable where it cannot be trusted."""
        origin = read_document(run.origin_file, Origin)
        if origin is None:
            raise NeverStarted("the load never started: there is no origin.json")
        return cls(run, origin, read_document(run.root / FACTS, Facts), Agreement.read(run.plan))

    def missing(self, source: Source) -> str | None:
        """Why nobody wrote `source` down, or None."""
        if source is Source.JOURNAL:
            present = any(self._run.journal.glob("operations-*.ndjson"))
        else:
            present = self._files[source].exists()
        return None if present else f"there is no {source}"

    def incomplete(self, source: Source) -> str | None:
        """Why `source` may lack rows, or None."""
        reason = self._facts.missing_sources.get(source) if self._facts else None
        return None if reason is None else f"{source} were not read to their end: {reason}"

    @property
    def rested_unix_ns(self) -> int | None:
        """When the time for the service to finish what it promised was over; None if it was given none."""
        return self._facts.quiesced_at_unix_ns if self._facts else None

    @property
    def unsettled(self) -> str | None:
        """Why a thing still pending at the end may yet come right; None if it had its whole chance."""
        if self._facts is None or self.rested_unix_ns is None:
            return "the service was not given time to come to rest"
        if self._facts.unhealed:
            return f"faults were still active: {', '.join(self._facts.unhealed)}"
        if "service_unreachable" in self._facts.still_pending:
            return "the service could not be reached while it should have come to rest"
        return None

    def has(self, source: Source) -> bool:
        """Whether `source` is there and whole."""
        return self.missing(source) is None and self.incomplete(source) is None

    @property
    def journal(self) -> Journal:
        """The people's journal, read once."""
        if self._journal is None:
            try:
                self._journal = Journal.read(self._run.journal)
            except Unreadable as error:
                self._journal = error
        if isinstance(self._journal, Unreadable):
            raise self._journal
        return self._journal

    def events(self) -> Iterator[Event]:
        """The service's events in the order of its database."""
        last = None
        for event in read_lines(self._run.events_file, Event):
            if last is not None and event.seq <= last:
                raise Unreadable(f"events.ndjson: event {event.seq} stands after event {last}")
            last = event.seq
            yield event

    def bills(self) -> Iterator[Bill]:
        return read_lines(self._run.bills_file, Bill)

    def ledger(self) -> Iterator[Entry]:
        return read_lines(self._run.ledger_file, Entry)

    def visits(self) -> Iterator[Visit]:
        for path in sorted(self._run.journal.glob("people-*.ndjson")):
            yield from read_lines(path, Visit)

    def faults(self) -> Iterator[FaultEntry]:
        return read_lines(self._run.faults_file, FaultEntry)

    @cached_property
    def resolved(self) -> Resolved:
        """What became of the writes whose outcome the people could not know."""
        return resolve(
            self.journal,
            self.events() if self.has(Source.EVENTS) else None,
            self.ledger() if self.has(Source.LEDGER) else None,
            settled=self.unsettled is None,
        )

    def second(self, mono_ns: int) -> float:
        """A moment of the host's monotonic clock, in seconds of the run."""
        return (mono_ns - self.origin.mono_ns) / 1e9

    def second_unix(self, unix_ns: int) -> float:
        """A moment of the wall clock, in seconds of the run."""
        return (unix_ns - self.origin.unix_ns) / 1e9

    @property
    def _files(self) -> dict[Source, Path]:
        return {
            Source.EVENTS: self._run.events_file,
            Source.BILLS: self._run.bills_file,
            Source.LEDGER: self._run.ledger_file,
        }
