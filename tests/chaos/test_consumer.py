"""toxiproxy-python's traps: no failure passes for success, nothing waits for ever, nothing is shared."""

import socket
from collections.abc import Callable

import pytest
from toxiproxy.api import APIConsumer

from chaos.consumer import consumer_of
from chaos.control import Network
from chaos.errors import NetworkError, Refused, Unreachable
from chaos.faults import Fault


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
