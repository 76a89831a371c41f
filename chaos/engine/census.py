"""The connections of the whole engine: their numbers in the order of arrival, and how many there may be at once.

A connection takes two descriptors. Some are kept back, so that the control API answers however much traffic comes.
"""

from itertools import count

DESCRIPTORS_PER_CONNECTION = 2
# For the control API's peers, listening proxies, the log and the interpreter.
DESCRIPTORS_KEPT_BACK = 192


class Census:
    """Lets in as many connections as `files`, the descriptors that the process may have, allow; one at the least."""

    def __init__(self, files: int) -> None:
        self.limit = max(1, (files - DESCRIPTORS_KEPT_BACK) // DESCRIPTORS_PER_CONNECTION)
        self._numbers = count(1)
        self._open = 0

    def number(self) -> int:
        """The next connection's number, from 1, whether or not it is let in."""
        return next(self._numbers)

    def admit(self) -> bool:
        """Count one more, if there is room."""
        if self._open >= self.limit:
            return False
        self._open += 1
        return True

    def leave(self) -> None:
        """One that was admitted is gone."""
        self._open -= 1
