"""The worker's own health, written every 250 ms: whether the generator, not the service, was the slow one."""

from collections.abc import Callable
from time import monotonic_ns, process_time_ns
from typing import Literal

import gevent

from loket.load.recorder import Recorder
from loket.records import Shift

PROBE_S = 0.05
PROBES_A_TICK = 5
TICKS_A_FLUSH = 4


class Pulse:
    """Wakes every 50 ms to see how late it is woken, and writes `tick` rows and the series."""

    def __init__(self, recorder: Recorder, pid: int, *, room: int, open_files: int) -> None:
        self._recorder = recorder
        self._pid = pid
        self._room = room
        self._open_files = open_files
        self._seq = 0
        self._lag_ns = 0
        self._alive_ns = self._wall_ns = monotonic_ns()
        self._cpu_ns = process_time_ns()

    def run(self) -> None:
        """Write `begin`, then beat until killed. Raises JournalBroken."""
        self._alive_ns = monotonic_ns()
        self._write("begin")
        ticks = 0
        while True:
            for _ in range(PROBES_A_TICK):
                gevent.sleep(PROBE_S)
                self._note_lag(PROBE_S)
            self._write("tick")
            ticks += 1
            if ticks % TICKS_A_FLUSH == 0:
                # Encoding a second's histograms takes milliseconds: others have their turn between the rows.
                self._flush(gevent.sleep)

    def finish(self) -> None:
        """Write what is left of the series, and `end`. Raises JournalBroken."""
        self._flush(lambda: None)
        self._write("end")

    def _flush(self, between_rows: Callable[[], None]) -> None:
        """Each row is written before the pause after it: who is killed there has lost none."""
        for row in self._recorder.seconds():
            self._recorder.journal.second(row)
            between_rows()
            self._note_lag()

    def _note_lag(self, meant_s: float = 0.0) -> None:
        """By how much the time since the last sign of life exceeds what it was meant to take.

        Nothing that the pulse does is left out, its own writing on a slow disk included.
        """
        now_ns = monotonic_ns()
        self._lag_ns = max(self._lag_ns, now_ns - self._alive_ns - round(meant_s * 1e9))
        self._alive_ns = now_ns

    def _write(self, kind: Literal["begin", "tick", "end"]) -> None:
        wall_ns, cpu_ns, lag_ns = monotonic_ns(), process_time_ns(), self._lag_ns
        share = (cpu_ns - self._cpu_ns) / max(1, wall_ns - self._wall_ns)
        self._wall_ns, self._cpu_ns, self._lag_ns = wall_ns, cpu_ns, 0
        self._seq += 1
        recorder = self._recorder
        recorder.journal.shift(
            Shift(
                mono_ns=wall_ns,
                worker=recorder.worker,
                type=kind,
                seq=self._seq,
                pid=self._pid,
                room=self._room if kind == "begin" else 0,
                open_files=self._open_files if kind == "begin" else 0,
                arrivals=recorder.arrivals.ledger(),
                requests=recorder.requests.ledger(),
                people_inside=recorder.people_inside,
                loop_lag_ms=lag_ns / 1e6,
                send_lateness_ms=recorder.latest_send_ms(),
                cpu_share=round(share, 4),
                progress=dict(recorder.progress),
            )
        )
