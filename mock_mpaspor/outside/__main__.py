"""`python -m mock_mpaspor.outside dukcapil|simponi|bank|simkim --host H --port P`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random, SystemRandom
from typing import NoReturn, TextIO

from flask import Flask

from mock_mpaspor.outside.clock import SystemClock
from mock_mpaspor.outside.environment import SettingsError
from mock_mpaspor.outside.settings import read_bank, read_dukcapil, read_simkim, read_simponi
from mock_mpaspor.outside.system import System
from mock_mpaspor.server import AddressTakenError, serve

USAGE_ERROR = 2


class UsageError(Exception):
    """A flag that cannot be used."""


class Flags(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


@dataclass(frozen=True)
class Served:
    open_system: Callable[[], System]
    threads: int

    def open_app(self) -> Flask:
        """The system's app, its background at work."""
        system = self.open_system()
        system.start()
        return system.app


# Each system's libraries are imported only where that system is started: the others start sooner.
def _dukcapil(environ: Mapping[str, str]) -> Served:
    from mock_mpaspor.outside.dukcapil.app import open_system

    settings = read_dukcapil(environ)
    return Served(partial(open_system, settings, SystemClock(), Random(settings.seed)), settings.front.threads)


def _simponi(environ: Mapping[str, str]) -> Served:
    from mock_mpaspor.outside.simponi.app import open_system

    settings = read_simponi(environ)
    return Served(partial(open_system, settings, SystemClock(), SystemRandom()), settings.front.threads)


def _bank(environ: Mapping[str, str]) -> Served:
    from mock_mpaspor.outside.bank.app import open_system

    settings = read_bank(environ)
    return Served(partial(open_system, settings, SystemClock(), SystemRandom()), settings.front.threads)


def _simkim(environ: Mapping[str, str]) -> Served:
    from mock_mpaspor.outside.simkim.app import open_system

    settings = read_simkim(environ)
    return Served(partial(open_system, settings, SystemClock()), settings.front.threads)


SYSTEMS: dict[str, Callable[[Mapping[str, str]], Served]] = {
    "dukcapil": _dukcapil,
    "simponi": _simponi,
    "bank": _bank,
    "simkim": _simkim,
}


def main(args: Sequence[str], environ: Mapping[str, str], err: TextIO) -> int:
    """Serve one system until it is told to stop: 0; 2 with one line on `err` for flags or settings it cannot use."""
    flags = Flags(prog="python -m mock_mpaspor.outside", description="A system around M-Paspor.")
    flags.add_argument("system", choices=SYSTEMS)
    flags.add_argument("--host", default="127.0.0.1")
    flags.add_argument("--port", type=int, required=True)
    try:
        chosen = flags.parse_args(args)
        served = SYSTEMS[chosen.system](environ)
        serve(served.open_app, chosen.host, chosen.port, served.threads)
    except (UsageError, SettingsError, AddressTakenError) as problem:
        err.write(f"{flags.prog}: {problem}\n")
        return USAGE_ERROR
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ, sys.stderr))
