"""`loket catalogue`: the page of the built-in experiments, with the figures of their newest runs."""

from pathlib import Path

import click

from loket.cli import Refusal
from loket.experiment import ExperimentError, built_in
from loket.experiment.catalogue import locate
from loket.report.catalogue import entries, page


@click.command("catalogue", short_help="Write the page of the built-in experiments.")
@click.option(
    "--runs", type=click.Path(file_okay=False, path_type=Path), default=Path("runs"), show_default=True,
    help="Folder with the directories of the runs.",
)  # fmt: skip
def command(runs: Path) -> None:
    """Print docs/catalogue.md: every built-in experiment with its incident, faults, gates and newest figures."""
    try:
        click.echo(page(entries((locate(name) for name in built_in()), runs)), nl=False)
    except ExperimentError as error:
        raise Refusal(str(error)) from error
