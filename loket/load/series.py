"""The load second by second: what each step did among the requests intended for a second, as increments.

A request counts in the second it was meant for, not in the one it got its answer in: a frozen service cannot
hide behind the seconds it answered nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from loket.load.answers import Answer
from loket.load.histogram import Histogram
from loket.records import OperationType, Second


@dataclass(slots=True)
class _Cell:
    sent: int = 0
    ok: int = 0
    refused: int = 0
    errors: int = 0
    unknown: int = 0
    dropped: int = 0
    response_us: list[int] = field(default_factory=list)
    service_us: list[int] = field(default_factory=list)

    def took(self, intended_ns: int, sent_ns: int, ended_ns: int) -> None:
        self.response_us.append((ended_ns - intended_ns) // 1000)
        self.service_us.append((ended_ns - sent_ns) // 1000)


class Series:
    """Counts between two drains; `origin_ns` is the instant of second 0."""

    def __init__(self, worker: str, origin_ns: int) -> None:
        self._worker = worker
        self._origin_ns = origin_ns
        self._cells: dict[tuple[int, str], _Cell] = {}

    def sent(self, step: str, intended_ns: int) -> None:
        """An attempt left."""
        self._cell(step, intended_ns).sent += 1

    def lost_sight(self, step: str, intended_ns: int, sent_ns: int, ended_ns: int) -> None:
        """The run ended before the attempt did: unknown, and it took at least as long as it was waited for.

        To leave it out of the times would make a service that freezes at the end look fast.
        """
        cell = self._cell(step, intended_ns)
        cell.unknown += 1
        cell.took(intended_ns, sent_ns, ended_ns)

    def ended(self, step: str, intended_ns: int, answer: Answer, sent_ns: int, ended_ns: int) -> None:
        """An attempt ended. Every one that left counts in the times, lost answers with the time waited for them."""
        cell = self._cell(step, intended_ns)
        if answer.never_left:
            cell.sent -= 1
            cell.dropped += 1
            return
        if answer.ok:
            cell.ok += 1
        elif answer.type is OperationType.INFO:
            cell.unknown += 1
        elif answer.expected:
            cell.refused += 1
        else:
            cell.errors += 1
        cell.took(intended_ns, sent_ns, ended_ns)

    def drain(self) -> Iterator[Second]:
        """The rows since the last drain, oldest second first; what is counted meanwhile is left for the next.

        A drain that is cut off leaves the rows that it did not give.
        """
        for second, step in sorted(self._cells):
            cell = self._cells.pop((second, step))
            yield Second(
                worker=self._worker,
                second=second,
                step=step,
                sent=cell.sent,
                ok=cell.ok,
                refused=cell.refused,
                errors=cell.errors,
                unknown=cell.unknown,
                dropped=cell.dropped,
                response=_encoded(cell.response_us),
                service=_encoded(cell.service_us),
            )

    def _cell(self, step: str, intended_ns: int) -> _Cell:
        place = ((intended_ns - self._origin_ns) // 1_000_000_000, step)
        cell = self._cells.get(place)
        if cell is None:
            cell = self._cells[place] = _Cell()
        return cell


def _encoded(values_us: list[int]) -> str | None:
    return Histogram.of(values_us).encode() if values_us else None
