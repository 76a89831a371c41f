"""What is wrong with an experiment file: one clear sentence a problem, with its place, all of them together."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Line and column, both from 1; `text_column` is where a value's own text begins, behind a quotation mark."""

    line: int
    column: int
    text_column: int = 0


@dataclass(frozen=True)
class Problem:
    """One problem: the file, what is wrong, where (None for the file as a whole), and lines that point at it."""

    file: str
    sentence: str
    place: Place | None = None
    pointer: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.place.line}:{self.place.column}" if self.place else self.file
        pointer = "".join(f"\n    {line}" for line in self.pointer.splitlines())
        return f"{where}: {self.sentence}{pointer}"


class ExperimentError(Exception):
    """An experiment that cannot be run as it is written; its text has one line a problem, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=_order))
        super().__init__("\n".join(map(str, self.problems)))


def _order(problem: Problem) -> tuple[int, int]:
    return (problem.place.line, problem.place.column) if problem.place else (0, 0)
