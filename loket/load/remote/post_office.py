"""Where the rows of remote workers are written: the same files that a worker of this host would have written itself."""

from dataclasses import dataclass, field

from loket.load.journal import JournalBroken, Shard
from loket.load.remote.parcel import Kind, Parcel, Receipt
from loket.run_directory import RunDirectory


@dataclass
class _Box:
    """What came from one worker. `slowest_ns` is the longest that a line of it took from being made to being here."""

    worker: str
    shards: dict[Kind, Shard] = field(default_factory=dict)
    number: int = 0
    slowest_ns: int = 0
    broken: str | None = None


class PostOffice:
    """One run's; `worker` is the name of a worker's files. Each parcel is written once, in the order of the numbers."""

    def __init__(self, directory: RunDirectory) -> None:
        self._directory = directory
        self._boxes: dict[str, _Box] = {}

    def open(self, worker: str) -> None:
        """Take parcels of this worker from now on."""
        self._boxes[worker] = _Box(worker)

    def take(self, worker: str, parcel: Parcel, now_ns: int) -> Receipt:
        """Write the parcel where it is the next one; one that came twice, or too early, is only answered.

        After a line that could not be written nothing of this worker is: a history with a hole must not look whole.
        """
        box = self._boxes[worker]
        if box.broken is None and parcel.number == box.number + 1:
            try:
                for kind, lines in parcel.lines.items():
                    self._shard(box, kind).append(lines)
            except JournalBroken as error:
                box.broken = str(error)
            else:
                box.number = parcel.number
                box.slowest_ns = max(box.slowest_ns, now_ns - parcel.since_ns)
        return Receipt(number=box.number, broken=box.broken)

    def slowest_ms(self, worker: str) -> float | None:
        """The longest that a record of this worker took to get here; None where none came.

        A worker that is killed takes with it what it wrote down in as long a time.
        """
        box = self._boxes[worker]
        return box.slowest_ns / 1e6 if box.number else None

    def close(self) -> None:
        """Take nothing any more."""
        for box in self._boxes.values():
            for shard in box.shards.values():
                shard.close()
        self._boxes.clear()

    def _shard(self, box: _Box, kind: Kind) -> Shard:
        if kind not in box.shards:
            box.shards[kind] = Shard(kind.path(self._directory, box.worker))
        return box.shards[kind]
