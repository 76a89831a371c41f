"""The command line: one file a verb, loaded when it is asked for, so that each starts as fast as it can."""

import importlib
import os
import sys
import traceback
from collections.abc import Mapping

import click

from loket import __version__
from loket.verdict import EXIT_CODES, USAGE_ERROR, Word

DEBUG = "LOKET_DEBUG"
# verb → (module, what it does in one line). The line stands here so that `--help` imports no verb.
VERBS = {
    "run": ("loket.cli.run", "Run an experiment and print its verdict."),
    "worker": ("loket.cli.worker", "Send a share of the load of a run on another host."),
    "list": ("loket.cli.list", "List the built-in experiments."),
    "catalogue": ("loket.cli.catalogue", "Write the page of the built-in experiments and their newest runs."),
    "judge": ("loket.cli.judge", "Judge a run directory again: audit, gates, verdict and reports."),
    "engine": ("loket.cli.engine", "Run the fault engine, with the flags of a toxiproxy-server."),
    "up": ("loket.cli.up", "Start the reference system, print its addresses, keep it until Ctrl-C."),
    "test": ("loket.cli.test", "Run Loket's own tests and linters."),
}


class Verbs(click.Group):
    """A click group that imports a verb's module only when the verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = importlib.import_module(VERBS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, line) for name, (_, line) in VERBS.items()])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="loket")
def loket() -> None:
    """Load testing and resilience for services where many people rush for few places and then pay.

    Exit codes: 0 held, 1 broken (a gate), 2 usage or configuration, 3 wrong (an invariant), 4 invalid (the result
    cannot be trusted), 5 unhealed, 130 interrupted.
    """


class Refusal(click.ClickException):
    """A usage or configuration error: its sentence on the error stream, no traceback, exit code 2."""

    exit_code = USAGE_ERROR

    def show(self, file: object = None) -> None:
        click.echo(f"loket: {self.format_message()}", err=True)


def main(argv: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> None:
    """Entry point of `loket` and `python -m loket`; with LOKET_DEBUG a mistake of Loket's own shows its traceback."""
    try:
        sys.exit(loket.main(args=argv, prog_name="loket", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(EXIT_CODES[Word.INTERRUPTED])
    except Exception as error:
        # Python's own exit code for it is 1, and that says that a gate failed.
        if environ.get(DEBUG):
            traceback.print_exception(error)
        click.echo(_unforeseen(error), err=True)
        sys.exit(EXIT_CODES[Word.INVALID])


def _unforeseen(error: Exception) -> str:
    what = " ".join(f"{type(error).__name__}: {error}".split())
    notes = "".join(f" {note}" for note in getattr(error, "__notes__", ()))
    return f"loket: a mistake of Loket's own ended this ({what}).{notes} With {DEBUG}=1 it shows where."
