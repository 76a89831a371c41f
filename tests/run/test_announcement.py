"""The verdict on the terminal: a reader who leaves early does not change how the run ended."""

import subprocess
import sys

PROGRAM = """
from pathlib import Path
from loket.run.announce import announce
from loket.run_directory import RunDirectory
from loket.verdict import Verdict, Word
import sys
verdict = Verdict(
    verdict=Word.WRONG, exit_code=3, title="t", scenario="s", seed=1, started_at="", duration_s=1.0,
    sentences=("a sentence",) * 20000,
)
announce(verdict, RunDirectory(Path("somewhere")))
sys.exit(verdict.exit_code)
"""


def test_a_reader_who_closes_the_pipe_does_not_change_the_exit_code() -> None:
    """`loket run … | head -1` under pipefail still tells the verdict, and nothing is said on the error stream."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        said = process.stderr.read()
    process.wait(60)
    assert (process.returncode, said) == (3, b"")
