"""Synthetic runs on disk: a rush that went wrong, one that held, one cut off half-way with half-written files."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest

from loket.report.page import write_report
from loket.run_directory import RunDirectory
from loket.verdict import Verdict
from tests.report.synthetic_rush import shift_rows, write_evidence, write_rows
from tests.report.synthetic_verdicts import held_verdict, wrong_verdict

NAME = "20261130T005320-quota_rush"


def write_verdict(run: RunDirectory, verdict: Verdict) -> None:
    run.verdict.write_bytes(msgspec.json.encode(verdict))


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A directory with everything but the verdict, by the number of missing codes; made once, to be copied."""

    @cache
    def record(missing: int) -> Path:
        root = tmp_path_factory.mktemp("recorded") / NAME
        return write_evidence(root, missing).root

    return record


@pytest.fixture
def wrong_run(tmp_path: Path, recorded: Callable[[int], Path]) -> RunDirectory:
    """A 75 s rush with a slow SIMPONI, two missing codes, a violated invariant and failed gates."""
    run = RunDirectory(Path(shutil.copytree(recorded(2), tmp_path / NAME)))
    write_verdict(run, wrong_verdict())
    return run


@pytest.fixture
def held_run(tmp_path: Path, recorded: Callable[[int], Path]) -> RunDirectory:
    """The same rush, held."""
    run = RunDirectory(Path(shutil.copytree(recorded(0), tmp_path / NAME)))
    write_verdict(run, held_verdict())
    return run


@pytest.fixture(scope="session")
def wrong_report(tmp_path_factory: pytest.TempPathFactory, recorded: Callable[[int], Path]) -> Path:
    """The page of the wrong run, written once for all tests that only read it."""
    run = RunDirectory(Path(shutil.copytree(recorded(2), tmp_path_factory.mktemp("reported") / NAME)))
    write_verdict(run, wrong_verdict())
    return write_report(run)


@pytest.fixture
def short_run(wrong_run: RunDirectory) -> RunDirectory:
    """The wrong run with three rows of load, for tests that look at anything else many times."""
    series = wrong_run.series / "load-w1.ndjson"
    series.write_bytes(b"".join(series.read_bytes().splitlines(keepends=True)[-3:]))
    return wrong_run


@pytest.fixture
def interrupted_run(tmp_path: Path, recorded: Callable[[int], Path]) -> RunDirectory:
    """Killed: no verdict, a series that breaks off in a row, an unreadable event, a worker without its end."""
    run = RunDirectory(Path(shutil.copytree(recorded(2), tmp_path / NAME)))
    series = run.series / "load-w1.ndjson"
    series.write_bytes(series.read_bytes()[:40_000])
    events = run.events_file.read_bytes().splitlines(keepends=True)
    run.events_file.write_bytes(b"".join(events[:150]) + b'{"seq": "x\xff"}\n' + b"".join(events[150:]))
    write_rows(run.journal / "shift-w1.ndjson", shift_rows(ends=False)[:60])
    return run


@pytest.fixture
def empty_run(tmp_path: Path) -> RunDirectory:
    """A directory with its folders and nothing in them."""
    run = RunDirectory(tmp_path / "empty")
    run.create()
    return run


@pytest.fixture
def altered(short_run: RunDirectory) -> Callable[..., RunDirectory]:
    """The short run with fields of its verdict replaced."""

    def alter(**fields: object) -> RunDirectory:
        write_verdict(short_run, msgspec.structs.replace(wrong_verdict(), **fields))
        return short_run

    return alter
