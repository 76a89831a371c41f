"""Loket's own mistakes: one sentence and a code that no verdict of a service has, never a traceback unasked."""

from pathlib import Path

import pytest

import loket.cli.judge
from loket.cli import main


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch):
    """Makes `loket judge` fail with this error."""

    def failing(error: Exception) -> None:
        def conclude(run: object) -> None:
            raise error

        monkeypatch.setattr(loket.cli.judge, "conclude", conclude)

    return failing


def end(*arguments: str, environ: dict[str, str] | None = None) -> object:
    """The code with which the command ends."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments), environ or {})
    return ended.value.code


def test_an_unforeseen_error_makes_the_result_invalid_not_broken(failing, tmp_path: Path, capsys) -> None:
    """Code 1 would say that a gate failed; the sentence names the error and where the directory is."""
    error = RuntimeError("two\nlines")
    error.add_note("What was measured is in here.")
    failing(error)
    assert end("judge", str(tmp_path)) == 4
    said = capsys.readouterr().err
    assert "(RuntimeError: two lines). What was measured is in here." in said
    assert said.count("\n") == 1
    assert end("judge", str(tmp_path), environ={"LOKET_DEBUG": "1"}) == 4
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PermissionError(13, "Permission denied"), "cannot be judged where it lies"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "is not the directory of a run"),
    ],
)
def test_a_directory_that_cannot_be_judged_is_refused(failing, error, words, tmp_path: Path, capsys) -> None:
    """A directory that may not be written, or that holds other bytes: one sentence, code 2."""
    failing(error)
    assert end("judge", str(tmp_path)) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path} {words}" in said
    assert said.count("\n") == 1
