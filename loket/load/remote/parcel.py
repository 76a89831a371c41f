"""What a remote worker's rows travel in: numbered parcels of whole lines, and which file each line is for.

A parcel names files by a closed list and never by a path: whoever sends one cannot choose where it is written.
"""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from loket.records import Row
from loket.run_directory import RunDirectory

# The names of Locust messages that carry them.
PARCEL = "loket_parcel"
RECEIPT = "loket_receipt"


class Kind(StrEnum):
    """The files of a worker, by what their names begin with."""

    SHIFT = "shift"
    OPERATIONS = "operations"
    PEOPLE = "people"
    MARKS = "marks"
    SERIES = "load"
    CLOCK = "clock"

    @classmethod
    def of(cls, path: Path) -> "Kind":
        """The kind of a worker's file.

        >>> Kind.of(Path("journal/shift-w3.ndjson"))
        <Kind.SHIFT: 'shift'>
        """
        return cls(path.name.partition("-")[0])

    def path(self, directory: RunDirectory, worker: str) -> Path:
        """Where that file of the worker lies."""
        folder = directory.series if self is Kind.SERIES else directory.journal
        return folder / f"{self.value}-{worker}.ndjson"


class Parcel(msgspec.Struct, kw_only=True, frozen=True):
    """Lines by kind. Numbers count from 1 without a gap; `since_ns` is when its first line came, on the run's clock."""

    number: int
    since_ns: int
    lines: dict[Kind, bytes]


class Receipt(msgspec.Struct, kw_only=True, frozen=True):
    """Every parcel up to this number is written; `broken` says why no other ever will be."""

    number: int
    broken: str | None = None


# Fields that are instants of the clock of the host that wrote the row. A Second counts seconds of the run: it has none.
_INSTANTS: Mapping[Kind, tuple[str, ...]] = {
    Kind.SHIFT: ("mono_ns",),
    Kind.OPERATIONS: ("mono_ns", "intended_ns"),
    Kind.PEOPLE: ("mono_ns", "intended_ns"),
    Kind.MARKS: ("mono_ns",),
    Kind.CLOCK: ("mono_ns",),
}


def put_forward(kind: Kind, row: Row, offset_ns: int) -> Row:
    """The row with its instants on a clock that is `offset_ns` ahead of the one that it was written by."""
    names = _INSTANTS.get(kind, ())
    return msgspec.structs.replace(row, **{name: getattr(row, name) + offset_ns for name in names}) if names else row
