"""The command line of the engine: the flags of `toxiproxy-server`, with one dash or two, and one of its own."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TRUTHS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    host: str
    port: int
    config: Path | None
    seed: int
    proxy_metrics: bool
    runtime_metrics: bool
    decision_log: Path | None


def parse_options(argv: Sequence[str], prog: str, version: str) -> Options:
    """Exits with status 2 and a sentence where the command line is wrong."""
    # Go's flags are never shortened.
    parser = argparse.ArgumentParser(prog=prog, description=ABOUT, allow_abbrev=False)
    add = parser.add_argument
    add("-host", "--host", default="localhost", help="where the control API listens (%(default)s)")
    add("-port", "--port", type=_port, default=8474, help="0 takes a free one (%(default)s)")
    add("-config", "--config", type=Path, metavar="PATH", help="JSON file of the proxies to make at the start")
    add("-seed", "--seed", type=int, default=0, help="of every random decision (%(default)s)")
    for what, meaning in (("proxy", "have Toxiproxy's own series"), ("runtime", "have those of the process")):
        # As Go has it: `-proxy-metrics` alone, or `-proxy-metrics=false`.
        names = (f"-{what}-metrics", f"--{what}-metrics")
        told = f"{meaning} in /metrics too"
        add(*names, nargs="?", const=True, default=False, type=_truth, metavar="true|false", help=told)
    add("--decision-log", type=Path, metavar="PATH", help="append what was done to whom, as NDJSON")
    add("-version", "--version", action="version", version=version)
    return Options(**vars(parser.parse_args(argv)))


ABOUT = "A TCP proxy that disturbs connections on request, with the control API of Toxiproxy."


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, found {text!r}")
    return int(text)


def _truth(text: str) -> bool:
    if text.lower() not in TRUTHS:
        raise argparse.ArgumentTypeError(f"expected true or false, found {text!r}")
    return TRUTHS[text.lower()]
