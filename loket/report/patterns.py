"""Missing codes that went missing the same way, as one line each: the pattern comes before the two hundred names."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from loket.verdict import MissingCode


@dataclass(frozen=True)
class Pattern:
    """Codes with the same last step, fate, last error and faults meanwhile; `asked_s` is when the first was asked."""

    last_step: str
    fate: str
    last_error: str | None
    faults: tuple[str, ...]
    people: int
    asked_s: float
    longest_wait_s: float | None


def patterns(codes: Iterable[MissingCode]) -> tuple[Pattern, ...]:
    """The patterns, the one that hurt most people first."""
    alike: dict[tuple[str, str, str | None, tuple[str, ...]], list[MissingCode]] = defaultdict(list)
    for code in codes:
        alike[code.last_step, code.fate, code.last_error, code.faults_active].append(code)
    found = (
        Pattern(
            *key,
            people=len(group),
            asked_s=min(code.asked_s for code in group),
            longest_wait_s=max((code.waited_s for code in group if code.waited_s is not None), default=None),
        )
        for key, group in alike.items()
    )
    return tuple(sorted(found, key=lambda pattern: (-pattern.people, pattern.asked_s)))
