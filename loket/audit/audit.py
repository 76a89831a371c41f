"""The whole audit of a run directory in one call; it can be repeated on the directory alone, at any time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from loket.audit.checks import CHECKS
from loket.audit.funnel import funnel, outcomes
from loket.audit.history import History, NeverStarted
from loket.audit.missing_codes import missing
from loket.audit.sources import Unreadable
from loket.audit.waits import waits
from loket.run_directory import RunDirectory
from loket.verdict import CheckResult, CheckVerdict, FunnelStep, MissingCode, Resolved
from loket.waits import Wait

Part = TypeVar("Part")


@dataclass(frozen=True)
class Audit:
    """What the audit found. A part whose files could not be read is None, and `unreadable` says why."""

    checks: tuple[CheckResult, ...]
    missing_codes: tuple[MissingCode, ...] | None = None
    waits: tuple[Wait, ...] | None = None
    funnel: tuple[FunnelStep, ...] | None = None
    outcomes: dict[str, int] | None = None
    resolved: Resolved | None = None
    unreadable: tuple[str, ...] = ()


def audit(run: RunDirectory) -> Audit:
    """Examine every invariant of the registry and collect what became of the people. Never raises Unreadable."""
    try:
        history = History.read(run)
    except NeverStarted as error:
        return _nothing(CheckVerdict.NOT_CHECKED, error)
    except Unreadable as error:
        return _nothing(CheckVerdict.UNKNOWN, error)
    reading = _Reading(history)
    return Audit(
        checks=tuple(check.check(history) for check in CHECKS.values()),
        missing_codes=reading.part(lambda history: tuple(missing(history))),
        waits=reading.part(lambda history: tuple(waits(history))),
        funnel=reading.part(funnel),
        outcomes=reading.part(outcomes),
        resolved=reading.part(lambda history: history.resolved),
        unreadable=tuple(reading.failures),
    )


def _nothing(verdict: CheckVerdict, error: Unreadable) -> Audit:
    checks = tuple(check.without(verdict, str(error)) for check in CHECKS.values())
    return Audit(checks=checks, unreadable=(str(error),))


class _Reading:
    """Makes the parts one by one, so that one unreadable file does not hide what the others tell."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.failures: list[str] = []

    def part(self, make: Callable[[History], Part]) -> Part | None:
        try:
            return make(self._history)
        except Unreadable as error:
            if str(error) not in self.failures:
                self.failures.append(str(error))
            return None
