"""`loketw`: the environment is trusted only where its Python runs. Python and pip are stand-ins here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WRAPPER = Path(__file__).resolve().parents[2] / "loketw"
TOOLS = ("sh", "dirname", "basename", "cat", "cksum", "grep", "rm", "mkdir", "cp")
# Makes a .venv with itself as its Python; says what it was asked for.
PYTHON = """#!/bin/sh
case "$1 ${2:-}" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip") echo "installed" ;;
    "-m loket") echo "loket ran" ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a path of commands on which there is one Python, a stand-in, and no uv."""
    clone, commands = tmp_path / "a clone", tmp_path / "commands"
    clone.mkdir()
    commands.mkdir()
    shutil.copy(WRAPPER, clone / "loketw")
    (clone / "requirements.lock").write_text("one\n")
    for tool in TOOLS:
        (commands / tool).symlink_to(str(shutil.which(tool)))
    (commands / "python3").write_text(PYTHON)
    (commands / "python3").chmod(0o755)
    return clone


def loketw(clone: Path) -> str:
    """What the wrapper says, on the output."""
    environ = {"PATH": str(clone.parent / "commands"), "HOME": os.environ.get("HOME", "/")}
    done = subprocess.run([clone / "loketw", "list"], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_installed_is_not_installed_again(clone: Path) -> None:
    """The second call goes straight to Loket; other requirements are installed first."""
    assert loketw(clone) == "installed\nloket ran\n"
    assert loketw(clone) == "loket ran\n"
    (clone / "requirements.lock").write_text("two\n")
    assert loketw(clone) == "installed\nloket ran\n"


@pytest.mark.parametrize("broken", ["dangling", "not running"])
def test_an_environment_whose_python_is_gone_is_made_anew(broken: str, clone: Path) -> None:
    """An upgrade of Python leaves a link to nothing, or a Python that cannot start: nothing old stays."""
    loketw(clone)
    python = clone / ".venv" / "bin" / "python"
    (clone / ".venv" / "old").touch()
    python.unlink()
    if broken == "dangling":
        python.symlink_to(clone / "gone")
    else:
        python.write_text("#!/bin/sh\nexit 127\n")
        python.chmod(0o755)
    assert loketw(clone) == "installed\nloket ran\n"
    assert not (clone / ".venv" / "old").exists()
