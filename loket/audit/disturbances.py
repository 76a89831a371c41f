"""Disturbances: when each fault was in the network, by the timeline's own record."""

from collections.abc import Iterable
from dataclasses import dataclass

from loket.records import FaultEntry


@dataclass(frozen=True)
class Disturbance:
    """One fault from the request to inject it until it was healed (monotonic ns); None if it never was."""

    fault: str
    begun_ns: int
    ended_ns: int | None

    def overlaps(self, begun_ns: int, ended_ns: int) -> bool:
        return self.begun_ns <= ended_ns and (self.ended_ns is None or self.ended_ns >= begun_ns)


def disturbances(rows: Iterable[FaultEntry]) -> list[Disturbance]:
    """The faults of the timeline in the order of their beginnings; one that could not be injected is left out."""
    open_since: dict[str, int] = {}
    done: list[Disturbance] = []
    for row in rows:
        if row.source != "timeline" or row.fault is None:
            continue
        if row.type == "requested":
            open_since.setdefault(row.fault, row.mono_ns)
        elif row.type == "healed" and row.fault in open_since:
            done.append(Disturbance(row.fault, open_since.pop(row.fault), row.mono_ns))
    done += [Disturbance(fault, begun_ns, None) for fault, begun_ns in open_since.items()]
    return sorted(done, key=lambda disturbance: disturbance.begun_ns)
