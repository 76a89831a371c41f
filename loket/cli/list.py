"""`loket list`: the built-in experiments."""

import click

from loket.cli import Refusal
from loket.experiment import ExperimentError, built_in


@click.command("list", short_help="List the built-in experiments.")
def command() -> None:
    """List the built-in experiments, each with its title."""
    try:
        experiments = built_in()
    except ExperimentError as error:
        raise Refusal(str(error)) from error
    width = max(len(name) for name in experiments)
    for name, title in experiments.items():
        click.echo(f"{name:<{width}}  {title}")
