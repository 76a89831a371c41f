"""Watches a running load: which parts died, and how far the people have come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from loket.facts import Death
from loket.records import Ledger, Shift, added
from loket.run_directory import RunDirectory


@dataclass
class Progress:
    """The people of all workers together, as of each worker's last tick."""

    arrivals: Ledger = field(default_factory=Ledger)
    requests: Ledger = field(default_factory=Ledger)
    inside: int = 0
    steps: dict[str, int] = field(default_factory=dict)


class Tail:
    """Follows the last whole line of a growing file without reading what it has read before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""

    def lines(self) -> list[bytes]:
        """Whole lines that came since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            read = file.read()
        self._offset += len(read)
        *whole, self._rest = (self._rest + read).split(b"\n")
        return whole


class ProgressReader:
    """Reads the shifts of every worker as they grow."""

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._tails: dict[str, Tail] = {}
        self._last: dict[str, Shift] = {}
        self._decoder = msgspec.json.Decoder(Shift)

    def read(self) -> Progress:
        """Where the people are now."""
        for worker in self._run.workers():
            if worker not in self._tails:
                self._tails[worker] = Tail(self._run.journal / f"shift-{worker}.ndjson")
            for line in self._tails[worker].lines():
                self._last[worker] = self._decoder.decode(line)
        return _together(list(self._last.values()))


def _together(shifts: list[Shift]) -> Progress:
    progress = Progress(
        arrivals=added(shift.arrivals for shift in shifts),
        requests=added(shift.requests for shift in shifts),
        inside=sum(shift.people_inside for shift in shifts),
    )
    for shift in shifts:
        for step, people in shift.progress.items():
            progress.steps[step] = progress.steps.get(step, 0) + people
    return progress


class DeathWatch:
    """Notes each part that ends by itself, once."""

    def __init__(self, dead: Callable[[], dict[str, str]], tell: Callable[[str], None]) -> None:
        self._dead = dead
        self._tell = tell
        self.deaths: list[Death] = []

    def look(self, second: float) -> None:
        """Note who died since the last look; `second` is now, in seconds of the run."""
        known = {death.part for death in self.deaths}
        for part, ending in self._dead().items():
            if part not in known:
                self.deaths.append(Death(part=part, second=round(second, 1), ending=ending))
                self._tell(f"{part} died in second {second:.0f} ({ending})")
