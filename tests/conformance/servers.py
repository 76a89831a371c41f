"""The two servers that are compared: the fault engine, and a real toxiproxy-server where one is found.

`TOXIPROXY_SERVER` names its program; without it, `toxiproxy-server` is looked up on the PATH.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 20.0
ENGINE, TOXIPROXY = "engine", "toxiproxy"


class NoToxiproxy(Exception):
    """There is no toxiproxy-server on this machine."""


@dataclass(frozen=True)
class Server:
    """A control API that answers; `kind` says whose."""

    kind: str
    port: int
    process: subprocess.Popen


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def command(kind: str, port: int, flags: tuple[str, ...]) -> list[str]:
    """What starts the server. Raises NoToxiproxy."""
    if kind == ENGINE:
        return [sys.executable, "-m", "chaos.engine", "--port", str(port), *flags]
    program = os.environ.get("TOXIPROXY_SERVER") or shutil.which("toxiproxy-server")
    if program is None:
        raise NoToxiproxy
    return [program, "-host", "127.0.0.1", "-port", str(port), *flags]


def wait_until_answering(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        assert process.poll() is None, "the server ended"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "the server never answered"
            time.sleep(0.02)
        else:
            return


@contextmanager
def running(kind: str, *flags: str) -> Iterator[Server]:
    """A server of that kind, with flags that both understand, killed in the end. Raises NoToxiproxy."""
    port = free_port()
    process = subprocess.Popen(
        command(kind, port, flags), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_answering(process, port)
        yield Server(kind, port, process)
    finally:
        # Not asked to end: one that is frozen, which some behaviours bring about, does not hear.
        process.kill()
        process.wait(DEADLINE_S)
