"""Two servers behind one fixture: the engine always, a real toxiproxy-server where one is found.

`TOXIPROXY_SERVER` names its program; without it, `toxiproxy-server` is looked up on the PATH.
"""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 20.0
ENGINE, TOXIPROXY = "engine", "toxiproxy"


@dataclass(frozen=True)
class Server:
    """A control API that answers; `kind` says whose."""

    kind: str
    port: int


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def command(kind: str, port: int) -> list[str]:
    if kind == ENGINE:
        return [sys.executable, "-m", "chaos.engine", "--port", str(port)]
    program = os.environ.get("TOXIPROXY_SERVER") or shutil.which("toxiproxy-server")
    if program is None:
        pytest.skip("no toxiproxy-server: set TOXIPROXY_SERVER, or put it on the PATH")
    return [program, "-host", "127.0.0.1", "-port", str(port)]


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


@pytest.fixture(params=[ENGINE, TOXIPROXY])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    port = free_port()
    process = subprocess.Popen(
        command(request.param, port), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_answering(process, port)
        yield Server(request.param, port)
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


@pytest.fixture
def greeter() -> Iterator[str]:
    """An upstream that says hello to each connection and closes; its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(b"hello")

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    thread.join(DEADLINE_S)
    listener.close()
