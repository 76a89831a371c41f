"""The collector: copies what service, gateway and bank wrote down into the run directory, while the run goes on."""

import threading
from dataclasses import dataclass
from pathlib import Path

import msgspec

from loket.records import Event
from loket.run_directory import RunDirectory, write_whole
from loket.stack.probe import Probe, Unanswered

PERIOD_S = 1.0
PAGE = 5000
FEED_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Sources:
    """Where the feeds are and the tokens that open them."""

    service: str
    simponi: str
    bank: str
    audit_token: str
    outside_token: str


class Collector:
    """Follows the event feed in the background; `finish` reads every feed to its end."""

    def __init__(self, run: RunDirectory, sources: Sources) -> None:
        self._run = run
        self._sources = sources
        self._probe = Probe()
        self._last = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="collector", daemon=True)
        self._decoder = msgspec.json.Decoder(Event)
        self.broken: str | None = None

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> dict[str, str]:
        """Read each feed to its end. Returns the sources that could not be read, each with why."""
        self._stop.set()
        self._thread.join()
        missing = {}
        for name, read in (("events", self._events), ("bills", self._bills), ("ledger", self._ledger)):
            try:
                read()
            except (Unanswered, OSError) as error:
                missing[name] = str(error)
        return missing

    def _follow(self) -> None:
        while not self._stop.wait(PERIOD_S):
            try:
                self._events()
                self._snapshot(self._run.bills_file, f"{self._sources.simponi}/feed/bills")
                self._snapshot(self._run.ledger_file, f"{self._sources.bank}/feed/ledger")
            except Unanswered:
                continue  # the run's own watch tells of dead parts; `finish` says what stayed unread
            except OSError as error:
                self.broken = f"the run directory cannot be written: {error}"
                return

    def _events(self) -> None:
        """Append the events after the last one read, page by page, whole lines only."""
        while True:
            page = self._probe.get(
                f"{self._sources.service}/audit/events?after={self._last}&limit={PAGE}",
                self._sources.audit_token,
                FEED_TIMEOUT_S,
            )
            lines = page.splitlines(keepends=True)
            if not lines:
                return
            _append(self._run.events_file, page)
            self._last = self._decoder.decode(lines[-1]).seq

    def _bills(self) -> None:
        self._snapshot(self._run.bills_file, f"{self._sources.simponi}/feed/bills")

    def _ledger(self) -> None:
        self._snapshot(self._run.ledger_file, f"{self._sources.bank}/feed/ledger")

    def _snapshot(self, path: Path, url: str) -> None:
        write_whole(path, self._probe.get(url, self._sources.outside_token, FEED_TIMEOUT_S))


def _append(path: Path, page: bytes) -> None:
    with path.open("ab") as file:
        file.write(page)
