"""Ledgers shown as the sums that they must satisfy: nothing planned may vanish from the count."""

from collections.abc import Mapping
from dataclasses import dataclass

from loket.report.quantities import count

# total = parts, as `loket.records.Ledger` states them.
SUMS = (
    ("scheduled", ("sent", "dropped", "cancelled")),
    ("sent", ("ok", "failed", "unknown")),
)


@dataclass(frozen=True)
class Sum:
    """One equation of one ledger; `holds` is None where a column is missing."""

    ledger: str
    total: str
    parts: tuple[str, ...]
    holds: bool | None


def sums(ledgers: Mapping[str, Mapping[str, int]]) -> tuple[Sum, ...]:
    """Both equations of every ledger; a missing column reads `?`."""
    found = []
    for name, ledger in ledgers.items():
        for whole, parts in SUMS:
            recorded = all(column in ledger for column in (whole, *parts))
            found.append(
                Sum(
                    ledger=name,
                    total=_written(ledger, whole),
                    parts=tuple(_written(ledger, part) for part in parts),
                    holds=ledger[whole] == sum(ledger[part] for part in parts) if recorded else None,
                )
            )
    return tuple(found)


def _written(ledger: Mapping[str, int], column: str) -> str:
    return f"{count(ledger[column]) if column in ledger else '?'} {column}"
