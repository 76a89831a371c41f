"""`loket list`: the built-in experiments."""

import click

from loket.experiment import built_in


@click.command("list", short_help="List the built-in experiments.")
def command() -> None:
    """List the built-in experiments, each with its title."""
    experiments = built_in()
    width = max(len(name) for name in experiments)
    for name, title in experiments.items():
        click.echo(f"{name:<{width}}  {title}")
