"""When each fault was in the network: the one reading of the timeline's rows that audit, gates and report share.

Pure: rows of `faults.ndjson` in, windows out. What the engine did to single connections is not read here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from loket.records import FaultEntry
from loket.verdict import FaultSpan


@dataclass(frozen=True)
class FaultWindow:
    """One fault by the timeline's record (monotonic ns); None where a moment was not reached.

    Its confirmation is the first, its heal the last: only that one was known to have worked.
    """

    fault: str
    link: str
    what: str
    requested_ns: int
    confirmed_ns: int | None = None
    heal_requested_ns: int | None = None
    healed_ns: int | None = None
    failed: bool = False

    @property
    def refused(self) -> bool:
        """Whether the network definitely did not take it: what it may have taken is healed all the same."""
        return self.failed and self.confirmed_ns is None and self.heal_requested_ns is None

    def overlaps(self, begun_ns: int, ended_ns: int) -> bool:
        """Whether the fault may have acted between the two: it can act before its confirmation has come back."""
        if self.refused or self.requested_ns > ended_ns:
            return False
        return self.healed_ns is None or self.healed_ns >= begun_ns

    def span(self, origin_mono_ns: int) -> FaultSpan:
        """The same in seconds of the run, to the millisecond."""

        def second(mono_ns: int | None) -> float | None:
            return None if mono_ns is None else round((mono_ns - origin_mono_ns) / 1e9, 3)

        return FaultSpan(
            fault=self.fault,
            link=self.link,
            what=self.what,
            requested_s=round((self.requested_ns - origin_mono_ns) / 1e9, 3),
            confirmed_s=second(self.confirmed_ns),
            healed_s=second(self.healed_ns),
            refused=self.refused,
        )


def windows_of(rows: Iterable[FaultEntry]) -> tuple[FaultWindow, ...]:
    """One window for each fault of the timeline, in the order in which they were asked for."""
    windows: dict[str, FaultWindow] = {}
    for row in rows:
        if row.source == "timeline" and row.fault is not None:
            begun = FaultWindow(row.fault, row.link or "", row.detail or "", requested_ns=row.mono_ns)
            windows[row.fault] = _after(windows.get(row.fault, begun), row)
    return tuple(windows.values())


def _after(window: FaultWindow, row: FaultEntry) -> FaultWindow:
    match row.type:
        case "confirmed" if window.confirmed_ns is None:
            return replace(window, confirmed_ns=row.mono_ns)
        case "heal_requested" if window.heal_requested_ns is None:
            return replace(window, heal_requested_ns=row.mono_ns)
        case "healed":
            return replace(window, healed_ns=row.mono_ns)
        case "failed":
            return replace(window, failed=True)
        case _:
            return window
