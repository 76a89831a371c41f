"""The decision log: which fault touched which connection, when. NDJSON in the shape of a run's `faults.ndjson`.

Lines are collected for at most 100 ms and appended whole by a thread of their own. A disk that refuses or stalls
costs lines, which are counted, and never holds up the network. `docs/engine.md` lists the types.
"""

import contextlib
import os
import threading
import time
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec


class Happening(StrEnum):
    """The types of the log's lines."""

    TOXIC_ADDED = "toxic_added"
    TOXIC_UPDATED = "toxic_updated"
    TOXIC_REMOVED = "toxic_removed"
    PROXY_DISABLED = "proxy_disabled"
    PROXY_ENABLED = "proxy_enabled"
    LEASE_EXPIRED = "lease_expired"
    DECISION = "decision"
    REQUEST = "request"
    CONNECTION_OPENED = "connection_opened"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_CLOSED = "connection_closed"
    DIAL_FAILED = "dial_failed"
    RESET = "reset"


class Line(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """One line: `link` is the proxy's name, `connection` counts accepted connections from 1."""

    mono_ns: int
    source: Literal["engine"]
    type: Happening
    link: str | None = None
    toxic: str | None = None
    connection: int | None = None
    detail: str | None = None
    trace_id: str | None = None


class DecisionLog:
    """Appends to a file, or to nothing when there is no path. `write` never blocks and never fails."""

    FLUSH_S = 0.1
    LIMIT_LINES = 50_000

    def __init__(self, path: Path | None) -> None:
        """Opens (or makes) the file. Raises OSError where it cannot be opened."""
        self.lost = 0
        self._waiting: list[bytes] = []
        self._lock = threading.Lock()
        self._rouse = threading.Event()
        self._closing = False
        self._encoder = msgspec.json.Encoder()
        self._file = None
        self._writer = None
        if path is not None:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            self._writer = threading.Thread(target=self._run, name="decision-log", daemon=True)
            self._writer.start()

    def write(
        self,
        type_: Happening,
        *,
        link: str | None = None,
        toxic: str | None = None,
        connection: int | None = None,
        detail: str | None = None,
        trace_id: str | None = None,
    ) -> None:
        """Note that something happened now; beyond the limit of waiting lines the line is lost and counted."""
        if self._file is None:
            return
        line = Line(
            mono_ns=time.monotonic_ns(),
            source="engine",
            type=type_,
            link=link,
            toxic=toxic,
            connection=connection,
            detail=detail,
            trace_id=trace_id,
        )
        with self._lock:
            if len(self._waiting) >= self.LIMIT_LINES:
                self.lost += 1
                return
            self._waiting.append(self._encoder.encode(line) + b"\n")
        self._rouse.set()

    def close(self) -> None:
        """Write what waits and end the thread; gives up after two seconds on a disk that stalls."""
        if self._writer is None:
            return
        self._closing = True
        self._rouse.set()
        self._writer.join(timeout=2.0)

    def _run(self) -> None:
        while not self._closing:
            self._rouse.wait()
            self._rouse.clear()
            if not self._closing:
                time.sleep(self.FLUSH_S)
            self._flush()
        self._flush()
        if self._file is not None:
            os.close(self._file)

    def _flush(self) -> None:
        with self._lock:
            lines, self._waiting = self._waiting, []
        if not lines or self._file is None:
            return
        batch, written = b"".join(lines), 0
        try:
            while written < len(batch):
                written += os.write(self._file, batch[written:])
        except OSError:
            kept = batch.rfind(b"\n", 0, written) + 1
            with self._lock:
                self.lost += len(lines) - batch.count(b"\n", 0, kept)
            self._cut(written - kept)

    def _cut(self, count: int) -> None:
        """Take half a line off the file's end again, unless another writer has added to it.

        A pipe cannot be cut: its reader sees the half line.
        """
        if count and self._file is not None:
            with contextlib.suppress(OSError):
                written_to = os.lseek(self._file, 0, os.SEEK_CUR)
                if os.fstat(self._file).st_size == written_to:
                    os.ftruncate(self._file, written_to - count)
