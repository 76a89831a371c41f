"""Two servers behind one fixture: the engine always, a real toxiproxy-server where one is found."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.conformance.bench import Bench
from tests.conformance.servers import DEADLINE_S, ENGINE, TOXIPROXY, NoToxiproxy, Server, running


def start(kind: str) -> Iterator[Server]:
    try:
        with running(kind) as server:
            yield server
    except NoToxiproxy:
        pytest.skip("no toxiproxy-server: set TOXIPROXY_SERVER, or put it on the PATH")


@pytest.fixture(params=[ENGINE, TOXIPROXY])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of the test's own."""
    yield from start(request.param)


@pytest.fixture(scope="session", params=[ENGINE, TOXIPROXY])
def shared_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    yield from start(request.param)


@pytest.fixture
def bench(shared_server: Server) -> Iterator[Bench]:
    """Links through a server that all the behaviours share; it must still be alive afterwards."""
    with Bench(shared_server) as one:
        yield one
    assert shared_server.process.poll() is None


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
