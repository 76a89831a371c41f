"""What the tests of the network share: faults, an echo to talk to, fault engines, and clocks that are told the time."""

import json
import os
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from chaos.control import Network
from chaos.errors import NetworkError
from chaos.faults import DISTURBANCES, Fault

DEADLINE_S = 15.0
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def make_fault() -> Callable[..., Fault]:
    """A valid fault on `simponi`, with the fields given in place of its own."""

    def make(**fields: object) -> Fault:
        default: dict[str, object] = {"name": "silence", "link": "simponi", "at": "0s", "for": "60s"}
        if fields.keys().isdisjoint(DISTURBANCES):
            default["timeout"] = {}
        return Fault.model_validate(default | fields)

    return make


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition; fail when it has not come true by the deadline."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true in time"
            time.sleep(0.01)

    return wait


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with suppress(OSError):
            while data := self.request.recv(65536):
                self.request.sendall(data)


@pytest.fixture(scope="session")
def echo() -> Iterator[str]:
    """The address of a server that sends back what it gets."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class Caller:
    """One connection through a link."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=DEADLINE_S)

    def exchange(self, payload: bytes = b"ping", patience_s: float = DEADLINE_S) -> bytes:
        """What comes back for `payload`: all of it, less when the connection closes or patience ends first."""
        self.socket.settimeout(patience_s)
        self.socket.sendall(payload)
        reply = b""
        with suppress(TimeoutError):
            while len(reply) < len(payload) and (data := self.socket.recv(65536)):
                reply += data
        return reply


@pytest.fixture
def call() -> Iterator[Callable[[str], Caller]]:
    """Open connections; they are closed at the end of the test."""
    callers: list[Caller] = []

    def connect(address: str) -> Caller:
        callers.append(Caller(address))
        return callers[-1]

    yield connect
    for caller in callers:
        caller.socket.close()


@pytest.fixture
def answers(call: Callable[[str], Caller]) -> Callable[[str], bool]:
    """Whether a new connection to an address gets its answer, within a time that no healthy link needs."""

    def ask(address: str) -> bool:
        with suppress(OSError):
            return call(address).exchange(patience_s=0.3) == b"ping"
        return False

    return ask


@contextmanager
def running_engine(folder: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The project's own fault engine as a process, until the end of the block."""
    command = [sys.executable, "-m", "chaos.engine", "--host", "127.0.0.1", "--port", "0"]
    command += ["--decision-log", str(folder / "engine.ndjson"), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())["ready"]
            yield f"http://{ready['host']}:{ready['port']}", process
        finally:
            process.kill()


@contextmanager
def running_toxiproxy() -> Iterator[str]:
    """A real Toxiproxy as a process, until the end of the block."""
    binary = os.environ.get("TOXIPROXY_SERVER") or shutil.which("toxiproxy-server")
    if not binary:
        pytest.skip("no toxiproxy-server here (name one in TOXIPROXY_SERVER)")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [binary, "-host", "127.0.0.1", "-port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _await_version(url, process)
            yield url
        finally:
            process.kill()


def _await_version(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(NetworkError):
            Network(url, "probe").version()
            return
        time.sleep(0.02)
    raise AssertionError(f"the Toxiproxy at {url} did not come up")


@pytest.fixture(scope="session")
def engine_url(echo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The control address of a fault engine that the whole session shares."""
    with running_engine(tmp_path_factory.mktemp("engine")) as (url, _):
        yield url


@pytest.fixture(scope="session")
def toxiproxy_url(echo: str) -> Iterator[str]:
    """The control address of a real Toxiproxy, where one is installed."""
    with running_toxiproxy() as url:
        yield url


@pytest.fixture
def own_engine(echo: str, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A fault engine for one test alone, which may kill it."""
    with running_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def open_network() -> Iterator[Callable[..., Network]]:
    """Networks whose faults are healed and whose links are closed at the end of the test."""
    networks: list[Network] = []

    def make(url: str, holder: str = "run 1?ä", **options: float) -> Network:
        networks.append(Network(url, holder, **options))
        return networks[-1]

    yield make
    for network in networks:
        with suppress(NetworkError):
            network.heal_all()
            network.close_links()


@pytest.fixture(params=["engine", "toxiproxy"])
def network(request: pytest.FixtureRequest, open_network: Callable[..., Network]) -> Network:
    """A network on the project's engine, and the same again on a real Toxiproxy."""
    return open_network(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def replying() -> Iterator[Callable[[int, bytes], str]]:
    """Servers that give one status and body to every request; their URL."""
    servers: list[tuple[HTTPServer, threading.Thread]] = []

    def start(status: int, body: bytes) -> str:
        def reply(handler: BaseHTTPRequestHandler) -> None:
            handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
            handler.send_response(status)
            handler.send_header("Content-Length", str(len(body)))
            handler.send_header("Location", "/elsewhere")
            handler.end_headers()
            handler.wfile.write(body)

        verbs = dict.fromkeys(("do_GET", "do_POST", "do_PUT", "do_DELETE"), reply)
        quiet = {"log_message": lambda *_: None}
        server = HTTPServer(("127.0.0.1", 0), type("Reply", (BaseHTTPRequestHandler,), verbs | quiet))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()
