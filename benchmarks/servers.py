"""The engine and a real Toxiproxy, each in a process of its own, for benchmarks that set one beside the other.

The real one is `TOXIPROXY_SERVER`, or `toxiproxy-server` on the PATH; without either the engine is measured alone.
"""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
ANSWER_TIMEOUT_S = 10.0
START_TIMEOUT_S = 10.0
Address = tuple[str, int]


@dataclass(frozen=True)
class Server:
    """One that runs: its process, and the port of its control API on 127.0.0.1."""

    process: subprocess.Popen[str]
    port: int

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """One request over a connection of its own, as toxiproxy-python sends it. Raises where it is refused."""
        control = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_TIMEOUT_S)
        try:
            control.request(method, path, None if body is None else json.dumps(body))
            answer = control.getresponse()
            content = answer.read()
        finally:
            control.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content.decode()}")
        return content

    def proxy(self, upstream: str, name: str = "bench", listen: str = "127.0.0.1:0") -> Address:
        """Make a proxy; the address to connect to."""
        made = json.loads(self.ask("POST", "/proxies", {"name": name, "listen": listen, "upstream": upstream}))
        host, port = made["listen"].split(":")
        return host, int(port)

    def toxic(self, kind: str, proxy: str = "bench", **attributes: int | str) -> None:
        """Add a toxic to all connections of a proxy."""
        self.ask("POST", f"/proxies/{proxy}/toxics", {"type": kind, "attributes": attributes})

    def resident_kib(self) -> int:
        """Memory that the process has in RAM; 0 once it has ended."""
        status = Path(f"/proc/{self.process.pid}/status")
        if status.exists():
            lines = status.read_text().splitlines()
            return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)
        command = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@contextlib.contextmanager
def engine(errors: IO[str] | None = None) -> Iterator[Server]:
    """An engine; `errors` takes what it writes to stderr."""
    command = [sys.executable, "-m", "chaos.engine", "--port", "0"]
    with running(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)) as process:
        assert process.stdout is not None
        yield Server(process, int(json.loads(process.stdout.readline())["ready"]["port"]))


@contextlib.contextmanager
def toxiproxy(program: str) -> Iterator[Server]:
    """A real Toxiproxy, once it answers."""
    port = free_port()
    command = [program, "-host", "127.0.0.1", "-port", str(port)]
    silent = subprocess.DEVNULL
    with running(subprocess.Popen(command, stdout=silent, stderr=silent, text=True)) as process:
        server = Server(process, port)
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                server.ask("GET", "/version")
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                break
        yield server


def toxiproxy_program() -> str | None:
    return os.environ.get("TOXIPROXY_SERVER") or shutil.which("toxiproxy-server")


def kinds() -> dict[str, Callable[[], AbstractContextManager[Server]]]:
    """How to start an engine and, where there is one, a real Toxiproxy, by name."""
    found: dict[str, Callable[[], AbstractContextManager[Server]]] = {"engine": engine}
    if program := toxiproxy_program():
        found["toxiproxy"] = partial(toxiproxy, program)
    else:
        print("No toxiproxy-server found (TOXIPROXY_SERVER, PATH): the engine is measured alone.")
    return found


def side_by_side(stack: contextlib.ExitStack) -> dict[str, Server]:
    """One of each kind, until the stack is unwound."""
    return {name: stack.enter_context(start()) for name, start in kinds().items()}


@contextlib.contextmanager
def running(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """End the process afterwards, one way or the other."""
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(START_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
