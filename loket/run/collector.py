"""The collector: copies what service, gateway and bank wrote down into the run directory, while the run goes on."""

import errno
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from loket.records import Event
from loket.run.feed_reader import UNREAD, FeedReader
from loket.run_directory import RunDirectory, write_whole
from loket.stack.settings import Feed, Feeds

PERIOD_S = 1.0


class Collector:
    """Follows the feeds in the background; `finish` reads each to its end. `not_offered` are those that nobody has."""

    def __init__(self, run: RunDirectory, feeds: Feeds) -> None:
        self._run = run
        self._reader = FeedReader()
        self._last = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="collector", daemon=True)
        self._decoder = msgspec.json.Decoder(Event)
        self._readers, self.not_offered = self._readers_of(feeds)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> dict[str, str]:
        """Read each feed to its end. Returns the sources that could not be read, each with why."""
        self._stop.set()
        self._thread.join()
        missing = {}
        for name, read in self._readers.items():
            try:
                read()
            except (*UNREAD, OSError) as error:
                missing[name] = str(error)
        return missing

    def _readers_of(self, feeds: Feeds) -> tuple[Mapping[str, Callable[[], None]], list[str]]:
        """How each source is read, by its name in the audit, and the names of those that cannot be.

        Money's way backwards: whatever stands in an earlier one had its time to reach the later ones.
        """
        sources: dict[str, tuple[Feed | None, Callable[[Feed], None]]] = {
            "ledger": (feeds.bank, self._ledger),
            "bills": (feeds.simponi, self._bills),
            "events": (feeds.service, self._events),
        }
        offered = {name: partial(read, feed) for name, (feed, read) in sources.items() if feed}
        return offered, [name for name in sources if name not in offered]

    def _follow(self) -> None:
        while not self._stop.wait(PERIOD_S):
            try:
                for read in self._readers.values():
                    read()
            except (*UNREAD, OSError):
                continue  # the watches tell of dead parts and full disks; `finish` says what stayed unread

    def _events(self, feed: Feed) -> None:
        """Append the events after the last one read, page by page, whole lines only."""
        while True:
            page = self._reader.events(feed, self._last)
            lines = page.splitlines(keepends=True)
            if not lines:
                return
            last = self._decoder.decode(lines[-1]).seq
            _append(self._run.events_file, page)
            self._last = last

    def _bills(self, feed: Feed) -> None:
        write_whole(self._run.bills_file, self._reader.bills(feed))

    def _ledger(self, feed: Feed) -> None:
        write_whole(self._run.ledger_file, self._reader.ledger(feed))


def _append(path: Path, page: bytes) -> None:
    """All of the page or, where the disk is full, none of it: the next attempt would write its beginning twice."""
    with path.open("ab", buffering=0) as file:
        before = file.tell()
        try:
            written = file.write(page)
            if written != len(page):
                raise OSError(errno.ENOSPC, "No space left on device")
        except OSError:
            file.truncate(before)
            raise
