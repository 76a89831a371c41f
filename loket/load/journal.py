"""The journal of one worker: append-only files, one line a write, on their way to disk before the request leaves.

Nothing is buffered in the process, so a worker killed at any moment leaves every line it wrote. A line that cannot
be written stops the crowd: a load whose history has holes proves nothing.
"""

import os
from pathlib import Path

from loket.records import Mark, Operation, Row, Second, Shift, Visit, encode
from loket.run_directory import RunDirectory


class JournalBroken(Exception):
    """A line could not be written whole: a full disk, say, or a directory that was removed."""


class Shard:
    """One append-only NDJSON file that nobody else writes."""

    def __init__(self, path: Path) -> None:
        """Creates the file. Raises JournalBroken where it exists already or cannot be made."""
        self._path = path
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        except OSError as error:
            raise JournalBroken(f"{path}: {error.strerror}") from error

    def write(self, row: Row) -> None:
        """Append the row as one line, in one system call. Raises JournalBroken."""
        line = encode(row)
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise JournalBroken(f"{self._path}: {error.strerror}") from error
        if written != len(line):
            raise JournalBroken(f"{self._path}: a line was cut short after {written} of {len(line)} bytes")

    def close(self) -> None:
        os.close(self._file)


class Journal:
    """The files of one worker. Every method raises JournalBroken where a line does not reach its file."""

    def __init__(self, directory: RunDirectory, worker: str) -> None:
        directory.create()
        # The shift comes first: a worker is known by it, even one that breaks down on its next line.
        self._shift = Shard(directory.journal / f"shift-{worker}.ndjson")
        self._operations = Shard(directory.journal / f"operations-{worker}.ndjson")
        self._people = Shard(directory.journal / f"people-{worker}.ndjson")
        self._seconds = Shard(directory.series / f"load-{worker}.ndjson")
        self._marks = Shard(directory.journal / f"marks-{worker}.ndjson")

    def operation(self, row: Operation) -> None:
        self._operations.write(row)

    def visit(self, row: Visit) -> None:
        self._people.write(row)

    def shift(self, row: Shift) -> None:
        self._shift.write(row)

    def second(self, row: Second) -> None:
        self._seconds.write(row)

    def mark(self, row: Mark) -> None:
        self._marks.write(row)

    def close(self) -> None:
        for shard in (self._operations, self._people, self._seconds, self._marks, self._shift):
            shard.close()
