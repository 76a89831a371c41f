"""toxiproxy-python drives the engine unchanged, as it drives a real Toxiproxy."""

import socket

import pytest
from toxiproxy import Toxiproxy
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, ProxyExists


@pytest.fixture
def client(server):
    """The library keeps its address in class globals: they are put back."""
    former = APIConsumer.host, APIConsumer.port
    toxiproxy = Toxiproxy()
    toxiproxy.update_api_consumer("127.0.0.1", server.port)
    yield toxiproxy
    toxiproxy.update_api_consumer(*former)


def greeting(proxy):
    """What a connection through the proxy is greeted with; None where it is refused."""
    host, port = proxy.listen.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            return connection.recv(100)
    except ConnectionRefusedError:
        return None


def test_the_whole_library_works(client, greeter):
    """Create, list, toxics, down, reset, populate, destroy, each with the effect that it says."""
    assert client.running()
    proxy = client.create(name="simponi", upstream=greeter)
    assert greeting(proxy) == b"hello"
    with pytest.raises(ProxyExists):
        client.create(name="simponi", upstream=greeter)

    proxy.add_toxic(type="limit_data", attributes={"bytes": 2})
    assert greeting(proxy) == b"he"
    toxic = proxy.get_toxic("limit_data_downstream")
    assert (toxic.type, toxic.toxicity, toxic.attributes) == ("limit_data", 1, {"bytes": 2})
    with pytest.raises(InvalidToxic):
        proxy.add_toxic(type="nonsense")
    proxy.destroy_toxic("limit_data_downstream")
    assert greeting(proxy) == b"hello"

    with proxy.down():
        assert greeting(proxy) is None
    assert greeting(proxy) == b"hello"

    proxy.disable()
    assert not client.get_proxy("simponi").enabled
    assert greeting(proxy) is None
    proxy.enable()
    assert client.get_proxy("simponi").enabled
    assert client.get_proxy("nothing") is None
    assert client.version()

    proxy.add_toxic(type="timeout")
    client.reset()
    assert proxy.toxics() == {}
    made = client.populate([{"name": "dukcapil", "upstream": greeter, "listen": "127.0.0.1:0"}])
    assert sorted(client.proxies()) == ["dukcapil", "simponi"]
    assert greeting(made[0]) == b"hello"
    client.destroy(made[0])
    assert sorted(client.proxies()) == ["simponi"]
    client.destroy_all()
    assert client.proxies() == {}
