"""Toxics on real connections: when they take hold, whom they spare, and what is left when they go."""

import contextlib
import json
import socket
import struct
import threading
import time

import pytest


def ask(client, data=b"x"):
    client.sendall(data)
    return client.recv(1024)


def test_a_toxic_takes_hold_of_a_live_connection_and_lets_go(engine, upstream, connect):
    """Added while the connection is open it delays the next reply; removed, it does not."""
    client = connect(engine.proxy(upstream().address))
    assert ask(client) == b"x"
    engine.toxic("latency", attributes={"latency": 60_000})
    client.sendall(b"held")
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.recv(1024)
    client.settimeout(20)
    client.sendall(b" back")
    assert engine.call("DELETE", "/proxies/link/toxics/latency_downstream")[0] == 204
    assert client.recv(4) + client.recv(1024) == b"held back"
    assert ask(client) == b"x"


def test_latency_is_never_less_than_asked(engine, upstream, connect):
    """Twenty replies in a row, each at least the latency after its request."""
    client = connect(engine.proxy(upstream().address))
    engine.toxic("latency", attributes={"latency": 20})
    for _ in range(20):
        sent_at = time.monotonic()
        ask(client)
        assert time.monotonic() - sent_at >= 0.020


def test_removing_a_timeout_closes_the_connections_it_held(engine, upstream, connect):
    """Their streams have gaps; those that it never held go on."""
    address = engine.proxy(upstream().address)
    client = connect(address)
    assert ask(client) == b"x"
    engine.toxic("timeout", attributes={"timeout": 0})
    client.sendall(b"lost")
    assert engine.call("DELETE", "/proxies/link/toxics/timeout_downstream")[0] == 204
    assert client.recv(1024) == b""
    assert ask(connect(address)) == b"x"


def test_a_hanging_connection_ends_when_its_client_gives_up(engine, upstream, connect, until):
    """A timeout of 0 keeps nothing alive behind a client that has gone."""
    address = engine.proxy(upstream().address)
    engine.toxic("timeout", attributes={"timeout": 0})
    client = connect(address)
    client.sendall(b"x")
    until(lambda: engine.metric('bytes_total{proxy="link",direction="downstream"}') == 1, "a swallowed reply")
    client.close()
    until(lambda: engine.metric('connections_open{proxy="link"}') == 0, "the connection's end")


def test_reset_peer_resets_both_sides_of_an_idle_connection(engine, upstream, connect, until):
    """A reset, not an orderly close, at the client and at the upstream."""
    server = upstream()
    client = connect(engine.proxy(server.address))
    assert ask(client) == b"x"
    engine.toxic("reset_peer")
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    until(lambda: server.errors == [ConnectionResetError], "a reset at the upstream")


def test_a_share_of_zero_touches_nobody(engine, upstream, connect):
    """Not even with reset_peer, whose linger setting Toxiproxy leaks."""
    server = upstream()
    client = connect(engine.proxy(server.address))
    assert ask(client) == b"x"
    engine.toxic("reset_peer", toxicity=0)
    assert ask(client) == b"x"
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    assert server.errors == []


def test_the_draw_is_kept_when_the_share_changes(engine, upstream, connect, until):
    """Back at the former share, exactly the same connections are touched as before."""
    address = engine.proxy(upstream().address)
    clients = [connect(address) for _ in range(30)]
    for client in clients:
        assert ask(client) == b"x"
    engine.toxic("latency", toxicity=0.5, attributes={"latency": 60_000})
    applied = 'decisions_total{proxy="link",type="latency",outcome="applies"}'
    spared = 'decisions_total{proxy="link",type="latency",outcome="spared"}'
    first = engine.metric(applied)
    assert 0 < first < 30
    assert first + engine.metric(spared) == 30
    engine.call("PATCH", "/proxies/link/toxics/latency_downstream", {"toxicity": 1})
    assert engine.metric(applied) == 30
    engine.call("PATCH", "/proxies/link/toxics/latency_downstream", {"toxicity": 0.5})
    assert engine.metric(spared) == 2 * (30 - first)


def test_limit_data_delivers_the_limit_and_closes(engine, upstream, connect):
    """Exactly so many bytes, then the end, though the upstream has more."""
    address = engine.proxy(upstream(lambda connection: connection.sendall(b"abc" * 100)).address)
    engine.toxic("limit_data", attributes={"bytes": 200})
    client, received = connect(address), b""
    while chunk := client.recv(1024):
        received += chunk
    assert received == (b"abc" * 100)[:200]


def test_a_chain_of_toxics_keeps_every_byte_in_order(engine, upstream, connect):
    """Slicer, latency and bandwidth one after another, in both directions."""
    address = engine.proxy(upstream().address)
    for stream in ("upstream", "downstream"):
        engine.toxic("slicer", stream=stream, attributes={"average_size": 700, "size_variation": 700})
        engine.toxic("latency", stream=stream, attributes={"latency": 5, "jitter": 5})
        engine.toxic("bandwidth", stream=stream, attributes={"rate": 2000})
    data = bytes(range(256)) * 400
    client, received = connect(address), b""
    client.sendall(data)
    client.shutdown(socket.SHUT_WR)
    while chunk := client.recv(65536):
        received += chunk
    assert received == data


@pytest.mark.parametrize("seed", [7, 8])
def test_the_same_seed_makes_the_same_decisions(start_engine, upstream, connect, tmp_path, seed):
    """Two engines, the same arrivals: the decisions in their logs are the same, line for line."""
    server, histories = upstream(), []
    for run in ("first", "second"):
        log = tmp_path / run
        one = start_engine("--seed", str(seed), "--decision-log", str(log))
        address = one.proxy(server.address)
        one.toxic("noop", toxicity=0.5)
        one.toxic("latency", toxicity=0.3, attributes={"latency": 1, "jitter": 1})
        for _ in range(40):
            ask(connect(address))
        assert one.stop() == 0
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        histories.append(
            [(line["connection"], line["toxic"], line["detail"]) for line in lines if line["type"] == "decision"]
        )
    assert histories[0] == histories[1]
    assert len(histories[0]) == 80
    assert {detail for _, _, detail in histories[0]} == {"applies", "spared"}


def test_a_silence_hides_a_reset_too(engine, upstream, connect, until):
    """While nothing comes through, an upstream that resets its connection cannot be told from one that is silent."""
    gone = threading.Event()

    def vanish(connection):
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        gone.set()

    client = connect(engine.proxy(upstream(vanish).address))
    engine.toxic("timeout", attributes={"timeout": 0})
    client.sendall(b"x")
    assert gone.wait(20)
    client.sendall(b"y")
    until(lambda: engine.metric('bytes_total{proxy="link",direction="upstream"}') == 2, "what was sent later")
    client.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(20)
    engine.call("DELETE", "/proxies/link/toxics/timeout_downstream")
    assert client.recv(1) == b""
    until(lambda: engine.metric('connections_open{proxy="link"}') == 0, "the connection's end")


def test_a_silent_connection_ends_with_its_client_though_the_upstream_was_first(engine, upstream, connect, until):
    """The upstream's close and its end are kept from the client, and nothing is kept once the client goes."""
    client = connect(engine.proxy(upstream(lambda connection: connection.shutdown(socket.SHUT_RDWR)).address))
    engine.toxic("timeout", attributes={"timeout": 0})
    for _ in range(3):
        client.sendall(b"x")
    client.settimeout(0.1)
    with contextlib.suppress(TimeoutError):
        assert client.recv(1) == b""
    client.close()
    until(lambda: engine.metric('connections_open{proxy="link"}') == 0, "the connection's end")
