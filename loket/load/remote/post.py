"""A remote worker's rows on their way to the run's directory, which is on another host.

Until the other side has written them they are kept here and sent again; there is room for so much and no more. A post
that is full stops the crowd, as a full disk does: a load whose history has holes proves nothing. Time is an argument.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic_ns

from loket.load.journal import JournalBroken
from loket.load.remote.parcel import Kind, Parcel, Receipt, put_forward
from loket.records import Row, encode

# Rows wait here no longer than this, as long as the worker's loop turns: it is what a worker that is killed costs.
EVERY_S = 0.1
# A parcel that is not acknowledged for so long may be lost with its connection: it is sent again.
AGAIN_AFTER_NS = 1_000_000_000
# Assumption: ten seconds of 5,000 requests a second, each with two rows of 300 bytes. The master gives a worker up,
# and the worker its master, sooner than that.
ROOM_BYTES = 32 * 1024 * 1024


@dataclass
class _OnTheWay:
    parcel: Parcel
    size: int
    last_sent_ns: int


class Post:
    """The rows of one worker, put on the run's clock, which is `offset_ns` ahead of this host's."""

    def __init__(
        self,
        send: Callable[[Parcel], None],
        offset_ns: int = 0,
        room_bytes: int = ROOM_BYTES,
        clock: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._send = send
        self._offset_ns = offset_ns
        self._room_bytes = room_bytes
        self._clock = clock
        self._waiting: dict[Kind, bytearray] = {}
        self._since_ns = 0
        self._on_the_way: deque[_OnTheWay] = deque()
        self._held_bytes = 0
        self._number = 0
        self.broken: str | None = None

    def writer_of(self, path: Path) -> "Drawer":
        """What takes the rows of that file of the worker."""
        return Drawer(self, Kind.of(path))

    def open(self, kind: Kind) -> None:
        """Have the file made, even if no row follows."""
        self._lines(kind)

    def put(self, kind: Kind, row: Row) -> None:
        """Keep the row for the next parcel. Raises JournalBroken where there is no room, and for good after that."""
        if self.broken is not None:
            raise JournalBroken(self.broken)
        line = encode(put_forward(kind, row, self._offset_ns))
        if self._held_bytes + len(line) > self._room_bytes:
            self.broken = (
                f"the buffer for the master is full: {self._held_bytes / 2**20:.1f} MiB of records were not taken"
            )
            raise JournalBroken(self.broken)
        self._lines(kind).extend(line)
        self._held_bytes += len(line)

    def dispatch(self) -> None:
        """Send what waits as one parcel, and the oldest on the way again where it is overdue."""
        now_ns = self._clock()
        if self._on_the_way and now_ns - self._on_the_way[0].last_sent_ns >= AGAIN_AFTER_NS:
            self._on_the_way[0].last_sent_ns = now_ns
            self._send(self._on_the_way[0].parcel)
        if not self._waiting:
            return
        self._number += 1
        lines = {kind: bytes(rows) for kind, rows in self._waiting.items()}
        self._waiting = {}
        parcel = Parcel(number=self._number, since_ns=self._since_ns + self._offset_ns, lines=lines)
        self._on_the_way.append(_OnTheWay(parcel, sum(map(len, lines.values())), now_ns))
        self._send(parcel)

    def acknowledge(self, receipt: Receipt) -> None:
        """Forget what is written; where nothing will be written any more, say so at the next row."""
        while self._on_the_way and self._on_the_way[0].parcel.number <= receipt.number:
            self._held_bytes -= self._on_the_way.popleft().size
        if receipt.broken is not None and self.broken is None:
            self.broken = f"the master cannot write: {receipt.broken}"

    @property
    def delivered(self) -> bool:
        """Whether every row so far is written."""
        return not self._waiting and not self._on_the_way

    def _lines(self, kind: Kind) -> bytearray:
        if not self._waiting:
            self._since_ns = self._clock()
        return self._waiting.setdefault(kind, bytearray())


class Drawer:
    """The rows of one file, as a journal writes them."""

    def __init__(self, post: Post, kind: Kind) -> None:
        self._post = post
        self._kind = kind
        post.open(kind)

    def write(self, row: Row) -> None:
        """Raises JournalBroken."""
        self._post.put(self._kind, row)

    def close(self) -> None:
        """The post sends what is left."""
