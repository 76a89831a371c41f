"""The engine as a process of its own: the proxies it starts with, the ready line, an orderly end."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import uvloop

from chaos.engine import TOXIPROXY_VERSION
from chaos.engine.addresses import Address, bind, resolve
from chaos.engine.api.bodies import new_proxies
from chaos.engine.api.router import Router
from chaos.engine.census import Census
from chaos.engine.clock import LoopClock
from chaos.engine.decision_log import DecisionLog
from chaos.engine.engine import Engine
from chaos.engine.errors import Refusal
from chaos.engine.http.peers import Peers
from chaos.engine.http.server import ControlConnection
from chaos.engine.options import Options, parse_options
from chaos.engine.series import Series

USAGE_ERROR = 2
MACOS_OPEN_MAX = 10_240


class CannotStart(Exception):
    """The reason, in one sentence."""


def main(argv: Sequence[str], out: TextIO, prog: str = "python -m chaos.engine") -> int:
    """Run until SIGTERM or SIGINT; `out` gets the ready line. 0 after an orderly end, 2 if it could not start."""
    options = parse_options(argv, prog, f"the fault engine, with the API of Toxiproxy {TOXIPROXY_VERSION}")
    files = raise_file_limit()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(options, files, out))
    except CannotStart as reason:
        sys.stderr.write(f"The fault engine cannot start: {reason}.\n")
        return USAGE_ERROR
    return 0


def raise_file_limit() -> int:
    """A connection takes two descriptors: allow as many as the system lets this process have, and say how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS names no limit and then takes no more than this.
    wanted = hard if hard != resource.RLIM_INFINITY else MACOS_OPEN_MAX
    with contextlib.suppress(ValueError, OSError):  # what there is has to do
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


async def serve(options: Options, files: int, out: TextIO) -> None:
    """Run the engine until a signal, with `files` descriptors at most. Raises CannotStart."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    log = open_log(options.decision_log)
    series = Series(options.proxy_metrics, options.runtime_metrics)
    engine = Engine(LoopClock(loop), log, Census(files), options.seed, series)
    router = Router(engine)
    peers = Peers()
    try:
        await populate(engine, options.config)
        listener = bind(await resolve(str(Address(options.host, options.port))))
        server = await loop.create_server(lambda: ControlConnection(router, peers), sock=listener)
        host, port = listener.getsockname()[:2]
        out.write(json.dumps({"ready": {"host": host, "port": port, "pid": os.getpid()}}) + "\n")
        out.flush()
        await stopped.wait()
        server.close()
    except Refusal as refusal:
        raise CannotStart(str(refusal)) from refusal
    finally:
        engine.close()
        peers.close_all()
        log.close()


async def populate(engine: Engine, config: Path | None) -> None:
    """Make the proxies of the file, all of them. Raises CannotStart: half a network is none."""
    if config is None:
        return
    try:
        await engine.populate(new_proxies(config.read_bytes()), [])
    except OSError as failure:
        raise CannotStart(f"the file {config} cannot be read: {failure.strerror}") from failure
    except Refusal as refusal:
        raise CannotStart(f"the proxies of the file {config} cannot be made: {refusal}") from refusal


def open_log(path: Path | None) -> DecisionLog:
    try:
        return DecisionLog(path)
    except OSError as failure:
        raise CannotStart(f"the decision log {path} cannot be opened: {failure.strerror}") from failure
