"""A run that does more harm than good is halted: healed at once, judged on what there is, and broken."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loket.gate.phases import Phases, Span
from loket.gate.stop import parse_stop
from loket.gate.vocabulary import Vocabulary
from loket.records import Second, encode
from loket.run.halt import PATIENCE_S, Halt
from loket.run_directory import RunDirectory
from tests.run.conftest import TINY, Run

HOPELESS = (
    TINY.replace("latency: {ms: 50}}", "status: {code: 503}}")
    + """\
  - {name: later, link: simponi, at: 12s, for: 1s, latency: {ms: 50}}
stop_if:
  - all.errors > 90% for 1s
"""
)


@pytest.mark.slow
def test_a_run_that_meets_its_stop_condition_is_halted_healed_and_broken(
    start: Callable[..., Run], tiny: Callable[..., Path]
) -> None:
    """Long before its end; the condition and its figure are the failed gate, and what did not come is no doubt."""
    run = start(tiny(HOPELESS))
    assert run.end() == 1, run.out.read_text() + run.said
    assert "halted in second" in run.said
    assert run.timeline("healed")
    assert not run.verdict.get("unhealed")
    failed = [gate for gate in run.verdict["gates"] if gate["verdict"] == "failed"]
    assert [gate["gate"] for gate in failed] == ["not halted by all.errors > 90% for 1s"]
    assert not run.reasons()
    assert '"fault":"later"' not in (run.root / "faults.ndjson").read_text()
    run.assert_whole()


def test_a_condition_is_held_against_what_the_workers_have_written(tmp_path: Path) -> None:
    """Once a second, on whole lines of all workers, when a second has had its time to be answered."""
    run = RunDirectory(tmp_path)
    run.create()
    condition = parse_stop("all.errors > 50% for 2s", Vocabulary())
    halt = Halt(run, [condition], Phases(Span(0, 1), Span(1, 2), Span(2, 3)))
    assert halt.look(10.0) is None
    for worker in ("a", "b"):
        (run.journal / f"shift-{worker}.ndjson").touch()
    rows = [Second(worker="a", second=second, step="pay", sent=4, ok=0, errors=1) for second in (10, 11)]
    well = [Second(worker="b", second=second, step="pay", sent=2, ok=2) for second in (10, 11)]
    (run.series / "load-b.ndjson").write_bytes(b"".join(map(encode, well)))
    whole = b"".join(map(encode, rows))
    (run.series / "load-a.ndjson").write_bytes(whole[:-5])
    assert halt.look(11.0 + PATIENCE_S) is None
    (run.series / "load-a.ndjson").write_bytes(whole)
    assert halt.look(11.9 + PATIENCE_S) is None
    assert Halt(run, [condition], Phases(Span(0, 1), Span(1, 2), Span(2, 3))).look(11.0 + PATIENCE_S) == (
        condition,
        "66.67%",
    )
