"""`loket worker --master HOST`: a share of the load of a run that another host conducts."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import click
import locust  # noqa: F401 - it patches the sockets of this process, and must come before whatever imports ssl

from loket.cli import Refusal
from loket.experiment.catalogue import runnable_scenarios
from loket.load.remote.edition import own_edition
from loket.load.remote.introduction import NoAnswer, ask_for_place
from loket.load.remote.post import ROOM_BYTES
from loket.run.gathering import DEFAULT_PORT
from loket.run.load_processes import ROOT, locust_on, scenario_file


@click.command("worker", short_help="Send a share of the load of a run on another host.")
@click.option("--master", required=True, metavar="HOST[:PORT]", help="Where `loket run … --remote-workers N` listens.")
@click.option(
    "--wait", "wait_s", type=click.FloatRange(min=0.1), default=30.0, show_default=True, metavar="SECONDS",
    help="How long to look for a run there.",
)  # fmt: skip
@click.option(
    "--buffer", "buffer_mib", type=click.FloatRange(min=0.01), default=ROOM_BYTES / 2**20, show_default=True,
    metavar="MIB", help="Room for records that the master has not taken yet; the load stops where it is full.",
)  # fmt: skip
def command(master: str, wait_s: float, buffer_mib: float) -> None:
    """Take part in a run and leave with it: 0 where this worker did its share, 1 where it could not.

    A load goes out from this host to whatever the run names: this host itself, or a target whose experiment says
    i_am_allowed_to_load_it. The master is trusted in that; nobody proves who they are.
    """
    host, port = _address(master)
    click.echo(f"Looking for a run at {host}:{port}.", err=True)
    try:
        welcome = ask_for_place(host, port, own_edition(), wait_s)
    except NoAnswer as error:
        raise Refusal(f"--master: {error}") from error
    if welcome.refused is not None:
        raise Refusal(f"--master: {host}:{port} does not take this worker: {welcome.refused}")
    if welcome.scenario not in runnable_scenarios():
        raise Refusal(f"--master: {host}:{port} runs {welcome.scenario!r}, which is no scenario of this Loket")
    click.echo(f"Taking part in a run of {welcome.scenario}.", err=True)
    become_worker(scenario_file(welcome.scenario), host, port, welcome.ticket, buffer_mib, os.environ)


def become_worker(
    scenario: Path, host: str, port: int, ticket: str, buffer_mib: float, environ: Mapping[str, str]
) -> NoReturn:
    """Turn this process into Locust's worker, so that whoever started it, stops it or waits for it has that one."""
    argv = [*locust_on(scenario), "--worker", "--master-host", host, "--master-port", str(port)]
    argv += ["--loket-ticket", ticket, "--loket-buffer-mib", str(buffer_mib)]
    os.execve(argv[0], argv, _environment(environ))


def _address(master: str) -> tuple[str, int]:
    host, _, port_text = master.partition(":")
    port = int(port_text) if port_text.isascii() and port_text.isdigit() else 0 if port_text else DEFAULT_PORT
    if not host or not 0 < port < 65_536:
        raise Refusal(f"--master: found {master!r}, expected HOST or HOST:PORT, as in 10.0.0.5:{DEFAULT_PORT}")
    try:
        found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        raise Refusal(f"--master: no host is known as {host!r} ({error.strerror})") from error
    return str(found[0][4][0]), port


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The scenario is to be found in the folder that this Loket is in, wherever the command was typed."""
    paths = [str(ROOT), *filter(None, [environ.get("PYTHONPATH")])]
    return {**environ, "PYTHONPATH": os.pathsep.join(paths)}
