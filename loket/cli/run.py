"""`loket run EXPERIMENT`: from nothing to a verdict."""

import os
import sys
from pathlib import Path

import click

from loket.cli import Refusal
from loket.experiment import Experiment, ExperimentError
from loket.experiment.blocks import PLANTABLE
from loket.gate.vocabulary import listing
from loket.load.room import Cramped
from loket.run.carriage import FLAG, CannotCarry, find_server
from loket.run.display import Display
from loket.run.gathering import BIND_FLAG, DEFAULT_PORT, BadGathering, Gathering, gathering_at, require_reachable
from loket.run.gathering import FLAG as GATHERING_FLAG
from loket.run.lock import AlreadyRunning
from loket.run.rehearsal import rehearsal
from loket.run.reserve import NoRoom
from loket.run.session import Session
from loket.stack.postgres import PostgresError
from loket.stack.probe import LOOPBACK


@click.command("run", short_help="Run an experiment and print its verdict.")
@click.argument("experiment")
@click.option(
    "--defect",
    "defects",
    multiple=True,
    metavar="ID",
    help=f"Plant a defect in the reference service ({listing(PLANTABLE)}).",
)
@click.option("--seed", type=int, help="Replace the experiment's seed.")
@click.option("--people", type=click.IntRange(min=1), help="Replace the number of people.")
@click.option("--places", type=click.IntRange(min=1), help="Replace the number of places.")
@click.option("--workers", type=click.IntRange(1, 64), help="Replace the number of load workers.")
@click.option(
    "--runs", type=click.Path(file_okay=False, path_type=Path), default=Path("runs"), show_default=True,
    help="Folder that gets the run's directory.",
)  # fmt: skip
@click.option(
    FLAG, "toxiproxy_url", metavar="URL",
    help="Have a running Toxiproxy carry the links (http://127.0.0.1:8474), instead of Loket's own fault engine.",
)  # fmt: skip
@click.option(
    GATHERING_FLAG, "remote_workers", type=click.IntRange(1, 1000), metavar="N",
    help="Have the load sent by N workers of other hosts (`loket worker`), instead of workers of this one.",
)  # fmt: skip
@click.option(
    BIND_FLAG, "bind", metavar="ADDRESS[:PORT]", show_default=f"{LOOPBACK}:{DEFAULT_PORT}",
    help="Where those workers find this run: an address of this machine; anybody who can reach it can join the run.",
)  # fmt: skip
@click.option(
    "--gather", "gather_s", type=click.FloatRange(min=1), default=120.0, show_default=True, metavar="SECONDS",
    help="How long to wait for them.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Print what would happen, when and to which link, and start nothing.")
def command(
    experiment: str,
    defects: tuple[str, ...],
    seed: int | None,
    people: int | None,
    places: int | None,
    workers: int | None,
    runs: Path,
    toxiproxy_url: str | None,
    remote_workers: int | None,
    bind: str | None,
    gather_s: float,
    dry_run: bool,
) -> None:
    """Run EXPERIMENT (a built-in name or a YAML file) and print its verdict.

    The exit code is the verdict: see `loket --help`. One run at a time: a user has one lock on a machine (LOKET_LOCK
    names another file for it).
    """
    try:
        plan = Experiment.read(experiment).changed(
            seed=seed, people=people, places=places, workers=workers, defects=defects
        )
        server = None if toxiproxy_url is None else find_server(toxiproxy_url, plan)
        gathering = _gathering(remote_workers, bind, gather_s, workers)
        if gathering:
            require_reachable(gathering, plan.target)
        if dry_run:
            click.echo("\n".join(rehearsal(plan, server, gathering)))
            return
        exit_code = Session(plan, runs, Display(), os.environ, server, gathering).run()
    except (ExperimentError, BadGathering, CannotCarry, AlreadyRunning, NoRoom, Cramped) as error:
        raise Refusal(str(error)) from error
    except PostgresError as error:
        raise Refusal(f"service.database: found 'postgresql', but {error}; expected it installed, or sqlite") from error
    sys.exit(exit_code)


def _gathering(remote_workers: int | None, bind: str | None, gather_s: float, workers: int | None) -> Gathering | None:
    """Where workers of other hosts come, if any do. Raises BadGathering."""
    if remote_workers is None:
        if bind is not None:
            raise BadGathering(f"{BIND_FLAG}: expected {GATHERING_FLAG} N beside it")
        return None
    if workers is not None:
        raise BadGathering(f"{GATHERING_FLAG}: found --workers beside it, expected one of them")
    return gathering_at(remote_workers, bind or LOOPBACK, gather_s)
