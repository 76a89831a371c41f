"""`loket judge RUN`: the verdict and the reports of a run, made again from its directory alone."""

import os
import sys
from pathlib import Path

import click
import msgspec

from loket.cli import Refusal
from loket.experiment import ExperimentError
from loket.run.announce import announce
from loket.run.conclusion import conclude
from loket.run.lock import in_progress, lock_path
from loket.run_directory import RunDirectory


@click.command("judge", short_help="Judge a run directory again.")
@click.argument("run", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(run: Path) -> None:
    """Audit RUN (a run's directory) again, judge its gates and write verdict.json and the reports anew."""
    directory = RunDirectory(run.resolve())
    if in_progress(lock_path(os.environ), directory.root):
        raise Refusal(f"the run in {run} is still in progress; judge it once it has ended")
    try:
        verdict = conclude(directory)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError, ExperimentError) as error:
        raise Refusal(f"{run} is not the directory of a run: {error}") from error
    except OSError as error:
        raise Refusal(f"{run} cannot be judged where it lies: {error}") from error
    announce(verdict, directory)
    sys.exit(verdict.exit_code)
