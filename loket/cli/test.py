"""`loket test`: the whole test suite and the linters, each with its result, as CI runs them."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from loket.cli import Refusal
from loket.stack.postgres import PostgresError, find_programs

ROOT = Path(__file__).resolve().parents[2]
# Tests wait more than they work. What may not run at once stays together (tests/conftest.py).
SHARED_OUT = ("-n", "2", "--dist", "loadgroup")
PROMETHEUS = ROOT / "dashboards" / "prometheus"


@dataclass(frozen=True)
class Chore:
    """One step of the tests; `needs` is a program that a machine may not have, skipped with a word where absent."""

    name: str
    argv: list[str]
    needs: str | None = None


def chores(pytest_arguments: tuple[str, ...]) -> list[Chore]:
    """Every step in order: the quick ones first."""
    python = [sys.executable, "-m"]
    rules = [str(path) for path in sorted((PROMETHEUS / "rules").glob("*.yml"))]
    cases = [str(path) for path in sorted((PROMETHEUS / "tests").glob("*.yml"))]
    return [
        Chore("ruff", [*python, "ruff", "check", "."]),
        Chore("format", [*python, "ruff", "format", "--check", "."]),
        Chore("contracts", [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]),
        Chore("mypy", [*python, "mypy"]),
        Chore("promtool config", ["promtool", "check", "config", str(PROMETHEUS / "prometheus.yml")], "promtool"),
        Chore("promtool rules", ["promtool", "check", "rules", *rules], "promtool"),
        Chore("promtool tests", ["promtool", "test", "rules", *cases], "promtool"),
        Chore("pytest", [*python, "pytest", *SHARED_OUT, *pytest_arguments]),
    ]


def databases(environ: Mapping[str, str]) -> str:
    """Which databases the service's tests run on, in one line."""
    try:
        programs = find_programs(environ)
    except PostgresError as error:
        return f"SQLite alone; the PostgreSQL half is skipped: {error}"
    return f"SQLite, and a PostgreSQL of the tests' own ({programs.postgres})"


@click.command(
    "test",
    short_help="Run Loket's own tests and linters.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def command(pytest_arguments: tuple[str, ...]) -> None:
    """Run ruff, the import contracts, mypy, promtool and pytest (which gets PYTEST_ARGUMENTS).

    What the machine lacks is skipped, and said. Exit code 0 when nothing failed.
    """
    if importlib.util.find_spec("pytest") is None:
        raise Refusal("the test requirements are not installed; use `./loketw test`, which installs them")
    click.echo(f"== databases: {databases(os.environ)}")
    failed = [chore.name for chore in chores(pytest_arguments) if not _done(chore)]
    if failed:
        click.echo(f"loket test: failed: {', '.join(failed)}", err=True)
        sys.exit(1)
    click.echo("loket test: everything passed")


def _done(chore: Chore) -> bool:
    if chore.needs and shutil.which(chore.needs) is None:
        click.echo(f"== {chore.name}: skipped, {chore.needs} is not on this machine")
        return True
    click.echo(f"== {chore.name}")
    began = time.monotonic()
    code = subprocess.run(chore.argv, cwd=ROOT, check=False).returncode
    click.echo(f"== {chore.name}: {'ok' if code == 0 else f'exit code {code}'} ({time.monotonic() - began:.1f} s)")
    return code == 0
