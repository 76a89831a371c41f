"""Faults bound to what happens in a run: they begin when it does, and a run in which it does not is no result."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.durations import EVENTS
from loket.load import recorder
from loket.run.mark_watch import MarkWatch
from loket.run_directory import RunDirectory
from tests.run.conftest import TINY, Run

BOUND = TINY.replace(
    "  - {name: slow, link: edge, at: opens, for: 9s, latency: {ms: 50}}",
    """\
  - {name: slow, link: edge, at: first_code, for: 2s, latency: {ms: 50}}
  - {name: slower, link: edge, at: sold_out+100ms, for: 2s, latency: {ms: 60}}""",
)


@pytest.mark.slow
def test_a_fault_begins_when_its_event_comes(start: Callable[..., Run], tiny: Callable[..., Path]) -> None:
    """Never before the load has written the event down, and as long after it as was asked; all workers count."""
    run = start(tiny(BOUND, workers=2))
    assert run.end() == 0, run.out.read_text() + run.said
    directory = RunDirectory(run.root)
    came = {event: min(mark.mono_ns for mark in directory.marks() if mark.event == event) for event in EVENTS}
    began = {row.fault: row.mono_ns for row in directory.faults() if row.type == "requested"}
    assert began["slow"] >= came["first_code"]
    assert began["slower"] >= came["sold_out"] + 100_000_000
    run.assert_whole()


@pytest.mark.slow
def test_a_run_in_which_the_event_does_not_come_is_invalid(
    start: Callable[..., Run], tiny: Callable[..., Path]
) -> None:
    """What was to be tried was not: the fault and the event are named."""
    run = start(tiny(BOUND.replace("people: 12", "people: 3")))
    assert run.end() == 4
    assert "fault slower never began: sold_out did not come" in run.reasons()


def test_the_load_tells_of_every_event_that_a_fault_can_wait_for() -> None:
    """The words of the experiment file are those of the load."""
    assert set(EVENTS) == {recorder.SOLD_OUT, recorder.FIRST_CODE}


def test_the_earliest_worker_tells_when_it_was(tmp_path: Path) -> None:
    """Half a line is waited for, an event nobody waits for is passed over, and each is told once."""
    run = RunDirectory(tmp_path)
    run.create()
    told: list[tuple[str, int]] = []
    watch = MarkWatch(run, {"sold_out"}, lambda event, at_ns: told.append((event, at_ns)))
    (run.journal / "marks-1.ndjson").write_text('{"mono_ns":10,"worker":"1","event":"first_code"}\n{"mono_ns":70,"wor')
    watch.look()
    assert told == []
    (run.journal / "marks-1.ndjson").write_text('{"mono_ns":70,"worker":"1","event":"sold_out"}\n')
    (run.journal / "marks-2.ndjson").write_text('{"mono_ns":60,"worker":"2","event":"sold_out"}\n')
    watch.look()
    watch.look()
    assert told == [("sold_out", 60)]
