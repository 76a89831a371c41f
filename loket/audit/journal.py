"""The people's journal in one pass: their writes, the codes they saw, how far each of them got."""

from pathlib import Path
from typing import NamedTuple

from loket.audit.operations import LogicalOperation
from loket.audit.progress import Progress
from loket.audit.sources import Unreadable, read_lines
from loket.audit.steps import WRITES, Step
from loket.records import Operation, OperationType


class Sight(NamedTuple):
    """A payment code as its owner first saw it."""

    mono_ns: int
    billing_code: str


class Journal:
    """What is kept of every operation; memory grows with people and writes, not with requests.

    `operations`: by key, in order of first request. `codes_seen`: by application, the first sight of its code.
    `poll_error`: by application, the last error of its polls for the code. `last_ns`: the last line's time.
    """

    def __init__(self) -> None:
        self.operations: dict[str, LogicalOperation] = {}
        self.codes_seen: dict[str, Sight] = {}
        self.poll_error: dict[str, str] = {}
        self.progress = Progress()
        self.last_ns = 0
        self._open: dict[str, LogicalOperation] = {}

    @classmethod
    def read(cls, folder: Path) -> "Journal":
        """All operation files of `folder`, worker by worker. Raises Unreadable."""
        journal = cls()
        for path in sorted(folder.glob("operations-*.ndjson")):
            journal._read_worker(path)
        return journal

    def _read_worker(self, path: Path) -> None:
        for row in read_lines(path, Operation):
            step = row.step
            if step in WRITES:
                self._write(row, path)
            elif step == Step.BILLING_CODE:
                self._poll(row)
            self.progress.note(row)
            if row.mono_ns > self.last_ns:
                self.last_ns = row.mono_ns

    def _write(self, row: Operation, path: Path) -> None:
        if row.type is OperationType.INVOKE:
            # A write without a key is never repeated: it is an operation of its own.
            key = row.key or row.trace_id
            operation = self.operations.get(key)
            if operation is None:
                operation = self.operations[key] = LogicalOperation(key, row)
            operation.attempts += 1
            self._open[row.trace_id] = operation
            return
        operation = self._open.pop(row.trace_id, None)
        if operation is None:
            raise Unreadable(f"{path.name}, seq {row.seq}: an answer to {row.step} that was never asked")
        operation.finish(row)

    def _poll(self, row: Operation) -> None:
        if row.application_id is None or row.type is OperationType.INVOKE:
            return
        if row.type is OperationType.OK and row.billing_code is not None:
            self.codes_seen.setdefault(row.application_id, Sight(row.mono_ns, row.billing_code))
        elif row.error_class is not None:
            self.poll_error[row.application_id] = row.error_class
