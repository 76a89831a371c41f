"""Reads what a run left and remembers what could not be read: a report is written for half a run too."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

T = TypeVar("T")
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, OSError)


class Gaps:
    """What was missing or unreadable, as sentences in the order met, each with how often it was met."""

    def __init__(self) -> None:
        self._met: Counter[str] = Counter()

    def add(self, sentence: str) -> None:
        self._met[sentence] += 1

    def sentences(self) -> tuple[str, ...]:
        return tuple(text if times == 1 else f"{text} ({times:,} times)" for text, times in self._met.items())

    def rows(self, file: str, rows: Iterator[T]) -> Iterator[T]:
        """The rows up to the first unreadable one; none at all is a gap too. `file` names them in the sentence."""
        number = 0
        try:
            for number, row in enumerate(rows, start=1):  # noqa: B007 (read after the loop)
                yield row
        except UNREADABLE as error:
            self.add(f"{file}: unreadable after row {number:,} ({error})")
        else:
            if number == 0:
                self.add(f"{file}: not recorded")

    def whole(self, file: str, read: Callable[[], T | None]) -> T | None:
        """What `read` returns, or None (and a gap) where the file is missing or cannot be read."""
        try:
            found = read()
        except FileNotFoundError:
            found = None
        except UNREADABLE as error:
            self.add(f"{file}: unreadable ({error})")
            return None
        if found is None:
            self.add(f"{file}: not recorded")
        return found
