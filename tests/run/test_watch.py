"""Following a run: progress from growing files, deaths told once."""

from pathlib import Path

from loket.records import Ledger, Shift, encode
from loket.run.watch import DeathWatch, ProgressReader
from loket.run_directory import RunDirectory


def shift(worker: str, scheduled: int, held: int) -> bytes:
    """A tick of one worker."""
    ledger = Ledger(scheduled=scheduled, sent=scheduled)
    return encode(
        Shift(mono_ns=1, worker=worker, type="tick", arrivals=ledger, people_inside=held, progress={"hold_slot": held})
    )


def test_progress_sums_the_last_tick_of_every_worker(tmp_path: Path) -> None:
    """Each worker counts for itself; the person at the terminal sees them together."""
    run = RunDirectory(tmp_path)
    run.create()
    (run.journal / "shift-a.ndjson").write_bytes(shift("a", 3, 1) + shift("a", 10, 4))
    (run.journal / "shift-b.ndjson").write_bytes(shift("b", 5, 2))
    progress = ProgressReader(run).read()
    assert (progress.arrivals.sent, progress.inside, progress.steps) == (15, 6, {"hold_slot": 6})


def test_a_line_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """The reader may look in the middle of a write."""
    run = RunDirectory(tmp_path)
    run.create()
    path = run.journal / "shift-a.ndjson"
    line = shift("a", 7, 3)
    path.write_bytes(line[:20])
    reader = ProgressReader(run)
    assert reader.read().arrivals.sent == 0
    with path.open("ab") as file:
        file.write(line[20:])
    assert reader.read().arrivals.sent == 7


def test_a_death_is_told_once() -> None:
    """The same dead part is not announced at every look."""
    said: list[str] = []
    watch = DeathWatch(lambda: {"service": "signal SIGKILL"}, said.append)
    watch.look(12.0)
    watch.look(13.0)
    assert said == ["service died in second 12 (signal SIGKILL)"]
    assert [(death.part, death.second) for death in watch.deaths] == [("service", 12.0)]
