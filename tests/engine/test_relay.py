"""What passes through a proxy, seen from both ends of real sockets."""

import signal
import socket
import struct
import threading

import pytest

from chaos.engine.addresses import Address, bind


def vanish(client: socket.socket) -> None:
    """Close with a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def fill(client: socket.socket, limit: int = 100_000_000) -> int:
    """Send until nothing more is taken for a while, or the limit is reached; the bytes sent."""
    sent = 0
    client.settimeout(0.2)
    try:
        while sent < limit:
            sent += client.send(b"y" * 65536)
    except TimeoutError:
        return sent
    return sent


def test_bytes_arrive_whole_in_both_directions_at_once(engine, upstream, connect):
    """Megabytes come back unchanged while more are being sent."""
    data = bytes(range(251)) * 40_000
    client = connect(engine.proxy(upstream().address))
    sender = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
    sender.start()
    received = bytearray()
    while chunk := client.recv(65536):
        received += chunk
    sender.join()
    assert received == data


def test_a_half_closed_client_still_gets_the_late_reply(engine, upstream, connect):
    """The client's close reaches the upstream, and the reply made after it reaches the client."""

    def answer_after_the_end(connection):
        request = b""
        while chunk := connection.recv(1024):
            request += chunk
        connection.sendall(b"you said " + request)
        connection.shutdown(socket.SHUT_WR)

    client = connect(engine.proxy(upstream(answer_after_the_end).address))
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1024) == b"you said hello"
    assert client.recv(1024) == b""


def test_a_reset_client_is_a_reset_at_the_upstream(engine, upstream, connect, until):
    """A side that vanishes without a close is not turned into an orderly end."""
    server = upstream()
    client = connect(engine.proxy(server.address))
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    vanish(client)
    until(lambda: server.errors == [ConnectionResetError], "a reset at the upstream")


def test_a_dead_upstream_closes_the_client(engine, connect, until):
    """A refused dial ends the client's connection and is counted."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    client = connect(engine.proxy(f"127.0.0.1:{port}"))
    assert client.recv(1) == b""
    until(lambda: engine.metric('dials_failed_total{proxy="link"}') == 1, "a failed dial in the metrics")


def test_a_dial_of_nonsense_closes_the_client(engine, connect):
    """An upstream that is no address is accepted, as Toxiproxy does, and every dial to it fails."""
    assert connect(engine.proxy("nonsense")).recv(1) == b""


def test_disabling_drops_connections_and_enabling_binds_the_same_port(engine, upstream, connect):
    """Refused while disabled; the same address works again afterwards."""
    address = engine.proxy(upstream().address)
    client = connect(address)
    client.sendall(b"x")
    assert client.recv(1) == b"x"
    assert engine.call("POST", "/proxies/link", {"enabled": False})[0] == 200
    assert client.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        connect(address)
    assert engine.call("PATCH", "/proxies/link", {"enabled": True})[0] == 200
    again = connect(address)
    again.sendall(b"y")
    assert again.recv(1) == b"y"


def test_a_changed_upstream_serves_from_then_on(engine, upstream, connect):
    """Connections to the former one are dropped; the listening address stays."""
    address = engine.proxy(upstream().address)
    former = connect(address)
    former.sendall(b"x")
    assert former.recv(1) == b"x"
    other = upstream(lambda connection: connection.sendall(b"other"))
    assert engine.call("PATCH", "/proxies/link", {"upstream": other.address})[0] == 200
    assert former.recv(1) == b""
    assert connect(address).recv(5) == b"other"


def test_an_update_that_cannot_bind_changes_nothing(engine, upstream, connect):
    """The proxy goes on where it was: better than Toxiproxy, which leaves it disabled."""
    address = engine.proxy(upstream().address)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        assert engine.call("PATCH", "/proxies/link", {"listen": listen})[0] == 500
    client = connect(address)
    client.sendall(b"x")
    assert client.recv(1) == b"x"


def test_the_control_api_answers_whatever_the_data_plane_does(engine, upstream, connect, until):
    """A hundred clients that do not read and an upstream that does not either: every change is still made."""
    release = threading.Event()
    hanging = upstream(lambda connection: release.wait(60))
    flood = upstream(lambda connection: [connection.sendall(b"x" * 65536) for _ in range(1000)])
    flooding, hung = engine.proxy(flood.address, "flood"), engine.proxy(hanging.address, "hung")
    clients = [connect(flooding) for _ in range(100)]
    for _ in range(10):
        fill(connect(hung))
    until(lambda: engine.metric('bytes_total{proxy="flood",direction="downstream"}') > 10_000_000, "a flood")
    for proxy in ("flood", "hung"):
        engine.toxic("latency", proxy, attributes={"latency": 10})
        engine.toxic("timeout", proxy, stream="upstream")
        assert engine.call("DELETE", f"/proxies/{proxy}/toxics/latency_downstream")[0] == 204
        assert engine.call("PATCH", f"/proxies/{proxy}", {"enabled": False})[0] == 200
    assert len(clients) == 100
    until(lambda: engine.metric('connections_open{proxy="flood"}') == 0, "all connections gone")
    release.set()


def test_what_the_engine_buffers_is_bounded(engine, upstream, connect, until):
    """A sender whose receiver does not read is held off after a few megabytes, with a hang toxic in between too."""
    release = threading.Event()
    address = engine.proxy(upstream(lambda connection: release.wait(60)).address)
    engine.toxic("bandwidth", stream="upstream", attributes={"rate": 0})
    sent = fill(connect(address))
    release.set()
    assert sent < 50_000_000


def test_clients_that_vanish_before_they_are_accepted_leave_nothing_behind(start_engine, upstream, connect, until):
    """Reset while they wait in the kernel's queue, they have no address any more: they are counted, and let go."""
    engine = start_engine()
    address = engine.proxy(upstream().address)
    engine.process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(20):
            vanish(connect(address))
    finally:
        engine.process.send_signal(signal.SIGCONT)
    until(lambda: engine.metric('connections_total{proxy="link"}') == 20, "all accepted")
    until(lambda: engine.metric('connections_open{proxy="link"}') == 0, "all gone")
    client = connect(address)
    client.sendall(b"x")
    assert client.recv(1) == b"x"


def test_traffic_leaves_descriptors_for_the_control_api(start_engine, upstream, connect, until):
    """With as many connections as the system allows open files the next is refused, and control is still answered."""
    engine = start_engine(files=400)
    hold = threading.Event()
    address = engine.proxy(upstream(lambda connection: hold.wait(60)).address)
    clients = [connect(address) for _ in range(300)]
    try:
        until(lambda: engine.metric('connections_refused_total{proxy="link"}') > 0, "a refused connection")
        assert clients[-1].recv(1) == b""
        engine.toxic("latency", attributes={"latency": 10})
        assert engine.call("POST", "/proxies/link", {"enabled": False})[0] == 200
        until(lambda: engine.metric('connections_open{proxy="link"}') == 0, "all gone")
    finally:
        hold.set()


def test_an_upstream_without_a_host_is_this_one(engine, upstream, connect):
    """An address of a port alone, as Go dials it."""
    port = upstream().address.rpartition(":")[2]
    client = connect(engine.proxy(f":{port}"))
    client.sendall(b"x")
    assert client.recv(1) == b"x"


def test_accepted_connections_find_out_that_their_client_is_gone():
    """A client that closed for good looks half-closed; only a probe tells, long after, and frees the descriptors."""
    with bind(Address("127.0.0.1", 0)) as listener:
        listener.setblocking(True)
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
