"""`loket up`: the reference system, kept running for a person, a browser or a plain Locust."""

import tempfile
from pathlib import Path

import click

from chaos.errors import NetworkError
from loket.cli import Refusal
from loket.experiment import Experiment, ExperimentError
from loket.experiment.blocks import PLANTABLE
from loket.gate.vocabulary import listing
from loket.run.interrupt import Interrupt
from loket.stack.embedded import EmbeddedStack
from loket.stack.keeper import Keeper
from loket.stack.part import StackError

WATCH_PERIOD_S = 0.5


@click.command("up", short_help="Start the reference system and keep it.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port of the service.")
@click.option(
    "--defect", "defects", multiple=True, metavar="ID", help=f"Plant a defect in the service ({listing(PLANTABLE)})."
)
@click.option("--like", default="quota_rush", show_default=True, help="Experiment whose service settings are used.")
def command(port: int, defects: tuple[str, ...], like: str) -> None:
    """Start every part of the reference system on loopback, print the addresses, keep it until Ctrl-C.

    It takes no lock: a run beside it shares the machine with it and is measured so. Stop it before a run that counts.
    """
    try:
        settings = Experiment.read(like).changed(defects=defects).stack_settings()
    except ExperimentError as error:
        raise Refusal(str(error)) from error
    with tempfile.TemporaryDirectory(prefix="loket-up-") as folder, Interrupt("stopping") as stop:
        root = Path(folder)
        keeper = Keeper(root / "keeper.log")
        stack = EmbeddedStack(root, settings, keeper, "up", root / "faults.ndjson", stop.requested, port)
        try:
            stack.start()
            _describe(stack)
            while not stop.wait(WATCH_PERIOD_S):
                if dead := stack.dead():
                    raise StackError("; ".join(f"{name} died ({ending})" for name, ending in dead.items()))
        except (StackError, NetworkError) as error:
            if stop.requested():
                return
            raise Refusal(str(error)) from error
        finally:
            stack.stop()
            keeper.dismiss()


def _describe(stack: EmbeddedStack) -> None:
    addresses = stack.addresses
    for name, url in addresses.described().items():
        click.echo(f"{name:<9} {url}")
    click.echo(f"Tokens: SIMKIM's clerks {stack.tokens.staff}, the service's counter {stack.tokens.office}")
    click.echo("Stop with Ctrl-C. A rush with Locust's own web UI, from the folder of the clone:")
    click.echo(
        f"  .venv/bin/locust -f locustfiles/quota_rush.py --host {addresses.edge} --direct {addresses.service} "
        f"--bank {addresses.bank} --admin-token {stack.tokens.admin}"
    )
