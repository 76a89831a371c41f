"""toxiproxy-python's traps: no failure passes for success, nothing waits for ever, nothing is shared."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
from toxiproxy.api import APIConsumer

from chaos.consumer import consumer_of
from chaos.control import Network
from chaos.errors import NetworkError, Refused, Unreachable
from chaos.faults import Fault


class Faltering:
    """A server that resets its first connections once it has read the request, and answers the ones after."""

    def __init__(self, resets: int) -> None:
        self.asked: list[bytes] = []
        self._resets = resets
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(65536).partition(b" ")[0])
                if len(self.asked) <= self._resets:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    connection.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"version": "1"}')
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):  # or what is still unread would turn the answer into a reset
                        pass


@pytest.fixture
def faltering() -> Iterator[Callable[[int], Faltering]]:
    """Start servers that reset so many connections first."""
    servers: list[Faltering] = []

    def start(resets: int) -> Faltering:
        servers.append(Faltering(resets))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("status", [301, 400, 403, 404, 409, 418, 500, 503])
def test_every_status_but_success_raises(
    replying: Callable[[int, bytes], str], make_fault: Callable[..., Fault], status: int
) -> None:
    """Applying a fault on a server that answers so is an error, with its status and its own words."""
    network = Network(replying(status, b'{"error": "no more room", "status": 1}'), "run")
    with pytest.raises(Refused, match="no more room") as refusal:
        network.apply(make_fault())
    assert refusal.value.status == status
    assert refusal.value.definite == (400 <= status < 500)


def test_a_reason_that_is_not_json_is_kept(replying: Callable[[int, bytes], str]) -> None:
    """Toxiproxy answers an unknown route in plain text."""
    with pytest.raises(Refused, match="404 page not found"):
        Network(replying(404, b"404 page not found\n"), "run").version()


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"release": "2"}'])
def test_success_from_something_else_is_not_success(replying: Callable[[int, bytes], str], body: bytes) -> None:
    """Another server on the port is found out by its answer, and may have done anything."""
    with pytest.raises(Unreachable, match="not as Toxiproxy does") as refusal:
        Network(replying(200, body), "run").version()
    assert not refusal.value.definite


def test_a_server_that_never_answers_is_given_up() -> None:
    """The library would wait for ever; whether the request was carried out is then not known."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        network = Network(f"http://127.0.0.1:{silent.getsockname()[1]}", "run", timeout_s=0.1)
        with pytest.raises(Unreachable, match="no answer in time") as refusal:
            network.version()
    assert not refusal.value.definite


def test_a_port_where_nobody_listens_is_a_definite_failure() -> None:
    """The request never left, and the message says where it was to go."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(Unreachable, match=f"{url}: connection refused") as refusal:
        Network(url, "run").version()
    assert refusal.value.definite


def test_two_networks_share_nothing(replying: Callable[[int, bytes], str]) -> None:
    """The library keeps host and port on one class; here each network goes on talking to its own server."""
    library = (APIConsumer.host, APIConsumer.port)
    first = Network(replying(200, b'{"version": "1"}'), "run")
    second = Network(replying(200, b'{"version": "2"}'), "run", timeout_s=9.0)
    assert [first.version(), second.version(), first.version()] == ["1", "2", "1"]
    assert (APIConsumer.host, APIConsumer.port) == library


def test_a_proxy_of_the_environment_is_not_used(
    replying: Callable[[int, bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control goes straight to its server, whatever HTTP_PROXY and its kin say."""
    url = replying(200, b'{"version": "1"}')
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, replying(500, b"the environment's proxy"))
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    assert Network(url, "run").version() == "1"


@pytest.mark.parametrize("url", ["127.0.0.1:8474", "https://127.0.0.1:8474", "http://127.0.0.1", "http://h:1/path"])
def test_an_address_in_another_form_is_refused(url: str) -> None:
    """A wrong address is found before anything is sent."""
    with pytest.raises(ValueError, match="expected the fault engine's address as http://host:port"):
        consumer_of(url, timeout_s=1.0)


@pytest.mark.parametrize("holder", ["", "run/1"])
def test_a_holder_that_no_path_can_carry_is_refused(holder: str) -> None:
    """Its lease could be taken and never be renewed, so the faults would end early."""
    with pytest.raises(ValueError, match="expected a holder's name without a slash"):
        Network("http://127.0.0.1:8474", holder)


def test_the_errors_are_one_tree() -> None:
    """A caller that catches NetworkError catches all."""
    assert issubclass(Unreachable, NetworkError)
    assert issubclass(Refused, NetworkError)


@pytest.mark.parametrize("verb", ["get", "delete", "put"])
def test_what_may_be_repeated_is_asked_once_more(faltering: Callable[[int], Faltering], verb: str) -> None:
    """A connection that broke before its answer says nothing against the server: one more try, no more."""
    server = faltering(1)
    options = {"json": {}} if verb == "put" else {}
    assert getattr(consumer_of(server.url, timeout_s=9.0), verb)("/version", **options).status_code == 200
    assert server.asked == [verb.upper().encode()] * 2
    dead = faltering(9)
    with pytest.raises(Unreachable) as refusal:
        getattr(consumer_of(dead.url, timeout_s=9.0), verb)("/version", **options)
    assert not refusal.value.definite
    assert len(dead.asked) == 2


def test_what_may_not_be_repeated_is_asked_once(
    faltering: Callable[[int], Faltering], make_fault: Callable[..., Fault]
) -> None:
    """A fault may have been applied when the connection broke: that is for the caller to find out."""
    server = faltering(1)
    with pytest.raises(Unreachable) as refusal:
        Network(server.url, "run").apply(make_fault())
    assert not refusal.value.definite
    assert server.asked == [b"POST"]


def test_a_renewal_waits_no_longer_than_until_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or one engine that is slow to answer once would cost the lease that three lost renewals must not cost."""
    waited: list[float] = []

    def put(url: str, timeout: float, **options: object) -> None:
        waited.append(timeout)
        raise requests.ReadTimeout

    monkeypatch.setattr(requests, "put", put)
    for ttl_s, timeout_s in ((2.0, 2.0), (2.0, 0.1)):
        with pytest.raises(Unreachable):
            Network("http://127.0.0.1:1", "run", lease_ttl_s=ttl_s, timeout_s=timeout_s).renew()
    assert waited == [0.5, 0.1]
