"""One run at a time, and no stale lock."""

from pathlib import Path

import pytest

from loket.run.lock import AlreadyRunning, RunLock, in_progress, lock_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A lock of the test's own."""
    return tmp_path / "lock"


def test_a_second_run_is_told_which_one_is_in_progress(path: Path, tmp_path: Path) -> None:
    """The sentence names the run that holds the lock and says why two at once are refused."""
    with (
        RunLock(path, tmp_path / "first"),
        pytest.raises(AlreadyRunning, match=r"first, process \d+.*measure each other"),
    ):
        RunLock(path, tmp_path / "elsewhere" / "second").__enter__()


def test_the_lock_is_free_again_after_a_run(path: Path, tmp_path: Path) -> None:
    """A run that ended leaves nothing to clean up, and a name that a killed one left does not matter."""
    with RunLock(path, tmp_path / "first"):
        pass
    path.write_text(f"{tmp_path / 'a killed one with a long name'}, process 1")
    with RunLock(path, tmp_path / "second"):
        assert path.read_text().startswith(f"{tmp_path / 'second'}, ")


def test_a_run_is_in_progress_while_it_holds_the_lock(path: Path, tmp_path: Path) -> None:
    """Neither another run nor one that was killed is taken for it."""
    first, second = tmp_path / "run", tmp_path / "run-2"
    assert not in_progress(path, first)
    with RunLock(path, first):
        assert in_progress(path, first)
        assert not in_progress(path, second)
    path.write_text(f"{first}, process 1")
    assert not in_progress(path, first)


def test_one_user_has_one_lock_on_a_machine(tmp_path: Path) -> None:
    """Named outright, else in the runtime folder where there is one, else in the temporary folder under the user."""
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path)}
    assert lock_path(runtime | {"LOKET_LOCK": "/here"}) == Path("/here")
    assert lock_path(runtime) == tmp_path / "loket.lock"
    assert lock_path({}) == lock_path({"XDG_RUNTIME_DIR": str(tmp_path / "gone")})


def test_a_link_in_the_way_of_the_lock_is_not_followed(path: Path, tmp_path: Path) -> None:
    """Whoever lays a link into the temporary folder cannot have another file emptied."""
    precious = tmp_path / "precious"
    precious.write_text("words")
    path.symlink_to(precious)
    with pytest.raises(OSError, match="symbolic links"):
        RunLock(path, tmp_path / "first").__enter__()
    assert precious.read_text() == "words"
