"""Toxics of the dial on real connections: whom they send away and how, whom they let in again, who goes on."""

import socket
import struct

import pytest


@pytest.fixture
def linked(engine, upstream):
    """The address of a link, and how many connections its upstream has seen."""
    seen = []

    def handle(connection):
        seen.append(1)
        while chunk := connection.recv(65536):
            connection.sendall(chunk)

    return engine.proxy(upstream(handle).address), seen


def ask(client, data=b"x"):
    client.sendall(data)
    return client.recv(1024)


def test_a_refused_dial_is_a_reset_and_reaches_nobody(engine, linked, connect):
    """New connections alone: one that was there goes on, and with the toxic gone the next is carried."""
    address, seen = linked
    before = connect(address)
    assert ask(before) == b"x"
    engine.toxic("dial_refused")
    with pytest.raises(ConnectionResetError):
        ask(connect(address))
    assert ask(before) == b"x"
    assert len(seen) == 1
    assert engine.metric('decisions_total{proxy="link",type="dial_refused",outcome="applies"}') == 1
    engine.call("DELETE", "/proxies/link/toxics/dial_refused_downstream")
    assert ask(connect(address)) == b"x"


def test_an_unresolved_name_is_a_close_without_a_byte(engine, linked, connect):
    """What the client sent is for nobody."""
    address, seen = linked
    engine.toxic("dial_unresolved", attributes={"delay": 50})
    assert ask(connect(address)) == b""
    assert seen == []


def test_a_dial_without_an_answer_is_silence_and_goes_on_when_healed(engine, linked, connect):
    """Whoever waited is dialled for then, with everything that they had sent."""
    address, seen = linked
    engine.toxic("dial_timeout")
    waiting = connect(address)
    waiting.sendall(b"hello")
    waiting.settimeout(0.1)
    with pytest.raises(TimeoutError):
        waiting.recv(1)
    assert seen == []
    waiting.settimeout(20)
    engine.call("DELETE", "/proxies/link/toxics/dial_timeout_downstream")
    assert waiting.recv(5) == b"hello"


def test_a_dial_without_an_answer_ends_in_a_reset(engine, linked, connect):
    """After its time, which a change moves for those that wait already."""
    address, _ = linked
    engine.toxic("dial_timeout", attributes={"timeout": 600_000})
    waiting = connect(address)
    waiting.sendall(b"hello")
    engine.call("PATCH", "/proxies/link/toxics/dial_timeout_downstream", {"attributes": {"timeout": 10}})
    with pytest.raises(ConnectionResetError):
        waiting.recv(1)


def test_a_share_is_refused_and_kept(start_engine, upstream, connect):
    """The same seed refuses the same of thirty connections, about half; a change of the share lets the spared in."""
    patterns = []
    for _ in range(2):
        engine = start_engine("--seed", "7")
        address = engine.proxy(upstream().address)
        engine.toxic("dial_timeout", toxicity=0.5, name="half")
        clients = [connect(address) for _ in range(30)]
        engine.call("PATCH", "/proxies/link/toxics/half", {"attributes": {"timeout": 1}})
        patterns.append([answered(client) for client in clients])
    assert patterns[0] == patterns[1]
    assert 5 < sum(patterns[0]) < 25


def answered(client):
    try:
        return ask(client) == b"x"
    except ConnectionError:
        return False


def test_a_share_of_nothing_lets_everybody_in(engine, linked, connect):
    """Also those who wait: the draw that was made is held against the new share."""
    address, _ = linked
    engine.toxic("dial_timeout", name="all")
    waiting = connect(address)
    waiting.sendall(b"hello")
    engine.call("PATCH", "/proxies/link/toxics/all", {"toxicity": 0})
    assert waiting.recv(5) == b"hello"


def test_whoever_leaves_the_door_is_forgotten(engine, linked, connect, until):
    """Nothing is dialled for a client that has reset, and disabling the link sends all of them away."""
    address, seen = linked
    engine.toxic("dial_timeout", name="all")
    leaving = connect(address)
    leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    leaving.close()
    until(lambda: engine.metric('connections_open{proxy="link"}') == 0, "the client is gone")
    waiting = connect(address)
    engine.call("POST", "/proxies/link", {"enabled": False})
    assert waiting.recv(1) == b""
    engine.call("POST", "/proxies/link", {"enabled": True})
    engine.call("DELETE", "/proxies/link/toxics/all")
    assert ask(connect(address)) == b"x"
    assert len(seen) == 1


@pytest.mark.parametrize("type_", ["dial_refused", "dial_unresolved", "dial_timeout"])
def test_a_dial_has_no_stream(engine, linked, type_):
    """It is about new connections: upstream would say nothing."""
    status, body = engine.call("POST", "/proxies/link/toxics", {"type": type_, "stream": "upstream"})
    assert status == 400
    assert "new connections" in body
