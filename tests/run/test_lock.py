"""One run at a time, and no stale lock."""

from pathlib import Path

import pytest

from loket.run.lock import AlreadyRunning, RunLock


def test_a_second_run_is_told_which_one_is_in_progress(tmp_path: Path) -> None:
    """The sentence names the run that holds the lock and says why two at once are refused."""
    with RunLock(tmp_path, "first"), pytest.raises(AlreadyRunning, match=r"first, process \d+.*measure each other"):
        RunLock(tmp_path, "second").__enter__()


def test_the_lock_is_free_again_after_a_run(tmp_path: Path) -> None:
    """A run that ended leaves nothing to clean up."""
    with RunLock(tmp_path, "first"):
        pass
    with RunLock(tmp_path, "second"):
        assert "second" in (tmp_path / ".lock").read_text()


def test_runs_in_different_folders_do_not_meet(tmp_path: Path) -> None:
    """The lock guards one folder of runs: a test suite beside a rehearsal keeps its own."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with RunLock(tmp_path / "a", "one"), RunLock(tmp_path / "b", "two"):
        assert "two" in (tmp_path / "b" / ".lock").read_text()
