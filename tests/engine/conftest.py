"""A clock that the test moves, a row for one stage, an engine in its own process, and upstreams to put behind it."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chaos.engine.toxic import Toxic
from chaos.engine.toxics.registry import KINDS

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 20.0


class FakeAppointment:
    def __init__(self, when: float, callback: Callable[[], object]) -> None:
        self.when, self.callback, self.cancelled = when, callback, False

    def cancel(self) -> None:
        self.cancelled = True


class FakeClock:
    """Stands still until `advance` moves it, and then calls what has become due, in order."""

    def __init__(self) -> None:
        self.time = 100.0
        self.appointments: list[FakeAppointment] = []

    def now(self) -> float:
        return self.time

    def call_at(self, when: float, callback: Callable[[], object]) -> FakeAppointment:
        appointment = FakeAppointment(when, callback)
        self.appointments.append(appointment)
        return appointment

    def advance(self, seconds: float) -> None:
        target = self.time + seconds
        while True:
            due = [a for a in self.appointments if not a.cancelled and a.when <= target]
            if not due:
                break
            first = min(due, key=lambda a: a.when)
            self.appointments.remove(first)
            self.time = max(self.time, first.when)
            first.callback()
        self.time = target


@dataclass
class Row:
    """One stage of a toxic on a fake clock: what came out of it and when, and what it asked of the connection."""

    clock: FakeClock
    out: list[tuple[float, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    start: float = 100.0

    def put(self, type_: str, **attributes: int) -> "Row":
        settings = KINDS[type_].settings(**attributes)
        toxic = Toxic("it", type_, "downstream", 1.0, settings, "seed")
        self.stage = toxic.stage(self, toxic.draw())
        self.stage.onward = self
        self.stage.begin()
        return self

    def send(self, chunk: bytes) -> None:
        self.stage.feed(chunk, self.clock.now())

    def end(self) -> None:
        self.stage.finish(self.clock.now())

    def change(self, type_: str, **attributes: int) -> None:
        self.stage.update(KINDS[type_].settings(**attributes))

    @property
    def data(self) -> bytes:
        return b"".join(chunk for _, chunk in self.out)

    @property
    def milliseconds(self) -> list[int]:
        """When each thing came out, since the start; the end of the stream counts as one."""
        return [round((at - self.start) * 1000) for at, _ in self.out]

    def feed(self, chunk: bytes, at: float) -> None:
        self.out.append((self.clock.now(), chunk))

    def finish(self, at: float) -> None:
        self.out.append((self.clock.now(), b""))

    def close(self, by: object) -> None:
        self.asked.append("close")

    def reset(self, by: object) -> None:
        self.asked.append("reset")

    def close_at_end(self, by: object) -> None:
        self.asked.append("close at end")

    def swallow_end(self) -> None:
        self.asked.append("swallow end")

    def pressure_changed(self) -> None:
        pass


class Upstream:
    """A server on a free port that serves each connection in a thread with the handler given."""

    def __init__(self, handler: Callable[[socket.socket], None]) -> None:
        self._handler = handler
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.errors: list[type[OSError]] = []
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(DEADLINE_S)
        self._listener.close()
        for connection in self._sockets:
            with contextlib.suppress(OSError):  # gone already is as good
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join(DEADLINE_S)
        for connection in self._sockets:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._handler(connection)
        except OSError as failure:
            self.errors.append(type(failure))


def echo(connection: socket.socket) -> None:
    while chunk := connection.recv(65536):
        connection.sendall(chunk)
    connection.shutdown(socket.SHUT_WR)


class EngineProcess:
    """The engine as it runs in earnest, and a small client of its control API."""

    def __init__(self, *flags: str, files: int | None = None) -> None:
        """`files` is how many the process may have open."""
        command = [sys.executable, "-m", "chaos.engine", "--port", "0", *flags]
        if files is not None:
            command = ["sh", "-c", f'ulimit -n {files} && exec "$@"', "sh", *command]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.ready = json.loads(self.process.stdout.readline())["ready"]
        self.url = f"http://127.0.0.1:{self.ready['port']}"

    def call(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def get(self, path: str) -> dict:
        status, body = self.call("GET", path)
        assert status == 200
        return json.loads(body)

    def proxy(self, upstream: str, name: str = "link") -> tuple[str, int]:
        """Make a proxy; the address to connect to."""
        status, body = self.call("POST", "/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": upstream})
        assert status == 201
        host, port = json.loads(body)["listen"].split(":")
        return host, int(port)

    def toxic(self, type_: str, proxy: str = "link", **rest: object) -> None:
        status, body = self.call("POST", f"/proxies/{proxy}/toxics", {"type": type_, **rest})
        assert status == 200, body

    def metric(self, sample: str) -> float:
        """The value of a sample, named as it stands in the exposition; 0 when it is not there."""
        for line in self.call("GET", "/metrics")[1].splitlines():
            if line.startswith(f"loket_engine_{sample} "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(DEADLINE_S)
        finally:
            self.process.kill()
            self.process.stdout.close()


def poll(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.01)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def row(clock: FakeClock) -> Row:
    return Row(clock)


@pytest.fixture
def until() -> Callable[[Callable[[], object], str], None]:
    """Wait until a condition holds; fails with the words given when it does not within the deadline."""
    return poll


@pytest.fixture(scope="session")
def shared_engine() -> Iterator[EngineProcess]:
    engine = EngineProcess()
    yield engine
    assert engine.stop() == 0


@pytest.fixture
def engine(shared_engine: EngineProcess) -> Iterator[EngineProcess]:
    """A running engine without proxies; it must still be alive afterwards."""
    yield shared_engine
    assert shared_engine.process.poll() is None
    for name in shared_engine.get("/proxies"):
        shared_engine.call("DELETE", f"/proxies/{name}")


@pytest.fixture
def start_engine() -> Iterator[Callable[..., EngineProcess]]:
    """Start engines of the test's own, with flags."""
    started: list[EngineProcess] = []

    def start(*flags: str, files: int | None = None) -> EngineProcess:
        started.append(EngineProcess(*flags, files=files))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def upstream() -> Iterator[Callable[..., Upstream]]:
    """Start upstreams with a handler of the test's own (an echo without one)."""
    started: list[Upstream] = []

    def start(handler: Callable[[socket.socket], None] = echo) -> Upstream:
        started.append(Upstream(handler))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def connect() -> Iterator[Callable[[tuple[str, int]], socket.socket]]:
    """Connections that give up at the deadline and are closed after the test."""
    opened: list[socket.socket] = []

    def open_(address: tuple[str, int]) -> socket.socket:
        opened.append(socket.create_connection(address, timeout=DEADLINE_S))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()
