"""Bad luck: whatever happens to a run, it ends with a sentence, the right code, healed, alone, its directory whole."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from loket.facts import Facts
from loket.run.conclusion import conclude
from loket.run_directory import RunDirectory

pytestmark = pytest.mark.slow
Tiny = Callable[..., Path]


@pytest.mark.parametrize(
    ("phase", "number"),
    [
        ("starting the stack", signal.SIGINT),
        ("gathering the people", signal.SIGTERM),
        ("closed", signal.SIGINT),
        ("drain", signal.SIGTERM),
        ("waiting for the service", signal.SIGINT),
    ],
)
def test_an_interrupted_run_heals_and_leaves_a_whole_directory(phase, number, start, tiny) -> None:
    """In whatever phase somebody asks to stop, the code is 130 and the verdict says interrupted."""
    run = start(tiny())
    run.await_words(phase)
    run.process.send_signal(number)
    assert run.end() == 130, run.said
    assert f"{'Ctrl-C' if number == signal.SIGINT else 'SIGTERM'}: healing the network" in run.said
    assert run.verdict["verdict"] == "interrupted"
    assert not run.verdict.get("unhealed")
    assert run.timeline("healed") == run.timeline("confirmed")
    run.assert_whole()


def test_ctrl_c_during_a_fault_heals_it_and_a_second_one_is_told_so(start, tiny) -> None:
    """The engine itself says that the fault is gone; impatience is answered and changes nothing."""
    run = start(tiny())
    run.await_fault()
    run.process.send_signal(signal.SIGINT)
    run.await_words("Ctrl-C: healing")
    run.process.send_signal(signal.SIGINT)
    assert run.end() == 130
    assert "still healing the network" in run.said
    assert run.timeline("healed")
    assert '"toxic_removed"' in (run.root / "faults.ndjson").read_text()
    run.assert_whole()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_killed_worker_makes_the_run_invalid_and_is_named(workers, start, tiny) -> None:
    """A crowd with a hole in it proves nothing; the sentence says which worker and when."""
    run = start(tiny(workers=workers))
    for number in range(workers):  # each has said its first word
        run.await_row(f"journal/shift-w{number}.ndjson", "{")
    os.kill(run.pid_of("--worker "), signal.SIGKILL)
    assert run.end() == 4, run.out.read_text()
    lost = [d for d in run.verdict["doubts"] if "was lost" in d["reason"] and d.get("second") is not None]
    assert lost, run.reasons()
    assert "locust-worker-" in run.reasons()
    run.assert_whole()


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--master "], ["locust-master ended by signal SIGKILL"]),
        (["outside simponi"], ["simponi, a part of the harness, died (signal SIGKILL)"]),
        (
            ["outside bank", "outside dukcapil"],
            ["bank, a part of the harness, died", "dukcapil, a part of the harness, died"],
        ),
        (["chaos.engine"], ["engine, a part of the harness, died (signal SIGKILL)"]),
    ],
)
def test_a_killed_part_of_the_harness_makes_the_run_invalid(words, named, start, tiny) -> None:
    """What the harness lost is not held against the service; the run ends at once and says what it lost."""
    run = start(tiny())
    run.await_fault()
    for pid in [run.pid_of(part) for part in words]:
        os.kill(pid, signal.SIGKILL)
    code = run.end()
    assert all(sentence in run.reasons() for sentence in named), run.reasons()
    dated = [doubt["reason"] for doubt in run.verdict["doubts"] if doubt.get("second") is not None]
    assert all(any(sentence in reason for reason in dated) for sentence in named), run.verdict["doubts"]
    assert code == 4, run.out.read_text()
    assert not run.verdict.get("unhealed")
    run.assert_whole()


@pytest.mark.parametrize(("words", "part"), [("mock_mpaspor serve", "service"), ("mock_mpaspor jobs", "jobs")])
def test_a_service_that_dies_breaks_its_gate_and_is_audited_all_the_same(words, part, start, tiny) -> None:
    """The service's death is a result, not an accident: broken, or worse where a promise was broken too."""
    run = start(tiny())
    run.await_row("events.ndjson", '"held"')
    os.kill(run.pid_of(words), signal.SIGKILL)
    code = run.end()
    gate = run.verdict["gates"][0]
    assert (gate["gate"], gate["verdict"]) == ("the service stays up", "failed")
    assert part in gate["figure"]
    assert code in (1, 3), run.out.read_text()
    assert run.verdict["checks"][0]["verdict"] == "holds", "the restarted service could not be read"
    run.assert_whole()


def test_a_killed_runner_leaves_no_process_and_a_directory_that_can_be_judged(start, tiny, judge) -> None:
    """The keeper ends what the runner cannot; the directory says that it is not whole."""
    run = start(tiny())
    run.await_fault()
    run.process.kill()
    assert run.end() == -signal.SIGKILL
    code, said = judge(run.root)
    assert code == 4
    assert "the runner was killed" in said
    run.assert_whole()


def test_a_fault_heals_by_its_lease_when_nobody_is_left(start, tiny) -> None:
    """Even with runner and keeper gone, the engine takes the fault back by itself."""
    run = start(tiny())
    run.await_fault()
    os.kill(run.pid_of("loket.stack.keeper"), signal.SIGKILL)
    run.process.kill()
    run.await_row("faults.ndjson", '"lease_expired"')


def test_a_second_run_is_refused_and_ctrl_c_while_judging_leaves_a_whole_verdict(start, tiny, judge) -> None:
    """The second run names the first and leaves nothing behind; the first ends with the verdict it would have had."""
    first = start(tiny())
    first.await_words("gathering the people")
    second = start(tiny())
    assert second.end() == 2
    assert str(first.root) in second.said
    assert second.said.count("\n") == 1
    assert not list(second.runs.glob("2*"))
    code, said = judge(first.root)
    assert (code, said.count("\n")) == (2, 1)
    assert "is still in progress" in said
    assert (first.root / "load.json").exists()
    first.await_words("auditing")
    first.process.send_signal(signal.SIGINT)
    assert first.end() == 130
    assert "Ctrl-C: writing the verdict" in first.said
    assert first.verdict["verdict"] == "held", first.out.read_text()
    assert [path.name for path in first.runs.glob("2*")] == [first.root.name]
    assert "\x1b" not in first.said + first.out.read_text()
    first.assert_whole()
    _torn_lines_are_named(first, judge)
    _a_fault_that_stayed_is_unhealed(first)


def _a_fault_that_stayed_is_unhealed(run) -> None:
    """What the network still had at the end outweighs every figure: exit code 5, and the fault is named."""
    facts = Facts.read(run.root)
    facts.unhealed = ["fault_slow on link edge"]
    facts.write(run.root)
    verdict = conclude(RunDirectory(run.root))
    assert (verdict.verdict, verdict.exit_code) == ("unhealed", 5)
    assert "fault_slow on link edge" in run.root.joinpath("report.html").read_text()


def _torn_lines_are_named(run, judge) -> None:
    """The directory alone gives the same verdict again; a torn line makes it invalid, by its file and number."""
    before = run.verdict
    assert judge(run.root)[0] == 0
    assert run.verdict == before
    for name in ("events.ndjson", "faults.ndjson", "series/load-w0.ndjson", "journal/operations-w0.ndjson"):
        path = run.root / name
        whole = path.read_bytes()
        lines = whole.splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:2], lines[2][: len(lines[2]) // 2] + b"\n", *lines[3:]]))
        conclude(RunDirectory(run.root))
        assert run.verdict["exit_code"] == 4
        assert f"{path.name}, line 3: " in run.reasons()
        run.assert_whole()
        path.write_bytes(whole)


def test_a_disk_that_fills_up_makes_the_run_invalid(start, tiny, small_disk) -> None:
    """The verdict names the disk and is written thanks to the reserve; the service is not blamed."""
    run = start(tiny(), runs=small_disk / "runs")
    run.await_fault()
    with (small_disk / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(bytes(1 << 20)) == 1 << 20:
            pass
    assert run.end() == 4, run.out.read_text()
    assert "the disk of" in run.reasons()
    assert json.loads((run.root / "verdict.json").read_text())["exit_code"] == 4
    run.assert_whole()


def test_a_full_disk_is_said_before_anything_starts(start, tiny, small_disk) -> None:
    """No room, no run: code 2, one sentence, nothing left behind."""
    with (small_disk / "ballast").open("wb") as ballast:
        ballast.write(bytes(40 << 20))
    run = start(tiny(), runs=small_disk / "runs")
    assert run.end() == 2
    assert "no room for a run (No space left on device)" in run.said
    assert run.said.count("\n") == 1
    assert not list((small_disk / "runs").glob("2*"))


def test_a_host_with_too_few_open_files_is_told_so_before_anything_starts(start, tiny) -> None:
    """Code 2 and one sentence; nobody comes, and no directory is made."""
    run = start(tiny(), "--people", "100", most_files=300)
    assert run.end() == 2
    assert "100 people in 1 worker need up to 400 open files in each, and a process may have 300 here" in run.said
    assert "Traceback" not in run.said
    assert not list(run.runs.glob("*"))
