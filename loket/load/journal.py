"""The journal of one worker: append-only files, one line a write, on their way to disk before the request leaves.

Nothing is buffered in the process, so a worker killed at any moment leaves every line it wrote. A line that cannot
be written stops the crowd: a load whose history has holes proves nothing.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from loket.records import Mark, Operation, Row, Second, Shift, Visit, encode
from loket.run_directory import RunDirectory


class JournalBroken(Exception):
    """A line could not be written whole: a full disk, say, or a directory that was removed."""


class Writer(Protocol):
    """Where the rows of one file go."""

    def write(self, row: Row) -> None:
        """Take the row. Raises JournalBroken where it cannot be kept."""

    def close(self) -> None:
        """No row follows."""


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
        self.append(encode(row))

    def append(self, lines: bytes) -> None:
        """Append whole lines, in one system call. Raises JournalBroken."""
        try:
            written = os.write(self._file, lines)
        except OSError as error:
            raise JournalBroken(f"{self._path}: {error.strerror}") from error
        if written != len(lines):
            raise JournalBroken(f"{self._path}: a line was cut short after {written} of {len(lines)} bytes")

    def close(self) -> None:
        os.close(self._file)


class Journal:
    """The files of one worker. Every method raises JournalBroken where a line does not reach its file."""

    def __init__(self, directory: RunDirectory, worker: str, writer_of: Callable[[Path], Writer] | None = None) -> None:
        """`writer_of` makes what takes the rows of a file, where the directory is not this host's."""
        if writer_of is None:
            directory.create()
            writer_of = Shard
        # The shift comes first: a worker is known by it, even one that breaks down on its next line.
        self._shift = writer_of(directory.journal / f"shift-{worker}.ndjson")
        self._operations = writer_of(directory.journal / f"operations-{worker}.ndjson")
        self._people = writer_of(directory.journal / f"people-{worker}.ndjson")
        self._seconds = writer_of(directory.series / f"load-{worker}.ndjson")
        self._marks = writer_of(directory.journal / f"marks-{worker}.ndjson")

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
        for writer in (self._operations, self._people, self._seconds, self._marks, self._shift):
            writer.close()
