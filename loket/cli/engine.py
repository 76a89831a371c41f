"""`loket engine`: the fault engine alone, in place of a `toxiproxy-server`."""

import sys

import click

from chaos.engine.main import main

PROG = "loket engine"


@click.command("engine", add_help_option=False, context_settings={"ignore_unknown_options": True})
@click.argument("flags", nargs=-1, type=click.UNPROCESSED)
def command(flags: tuple[str, ...]) -> None:
    """Run the fault engine with the flags of toxiproxy-server until SIGTERM or SIGINT."""
    sys.exit(main(flags, sys.stdout, PROG))
