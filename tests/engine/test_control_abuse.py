"""The control API against whatever is sent to it, and against peers that send nothing."""

import asyncio
import contextlib
import json
import re
import socket
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaos.engine.http.messages import Response
from chaos.engine.http.peers import PEERS_LIMIT, Peers
from chaos.engine.http.server import ControlConnection

BODY_KEYS = [
    *("name", "listen", "upstream", "enabled"),
    *("type", "stream", "toxicity", "attributes", "latency", "lease", "holder", "ttl_ms"),
]


def exchange(engine, data):
    """What comes back for the bytes until the engine closes."""
    with socket.create_connection(("127.0.0.1", engine.ready["port"]), timeout=20) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := client.recv(4096):
            answer += chunk
    return answer


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["POST", "GET", "/proxies", "/", " ", "\r\n", "HTTP/1.1", ":", "{", "\0", "9" * 40]))
    | st.binary(max_size=300)
)
def test_malformed_control_requests_leave_it_alive(shared_engine, data):
    """Whatever is sent to the control port, the next request is answered."""
    raw = data if isinstance(data, bytes) else "".join(data).encode()
    exchange(shared_engine, raw)
    assert shared_engine.get("/version") == {"version": "2.12.0"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(BODY_KEYS),
                inner,
            )
        ),
        max_leaves=8,
    ),
    st.sampled_from(["/proxies", "/populate", "/proxies/link", "/proxies/link/toxics", "/leases/a"]),
)
def test_any_json_is_carried_out_or_refused(shared_engine, body, path):
    """No body makes the engine fail: every answer is below 500, or says why an address cannot be had."""
    shared_engine.call("POST", "/proxies", {"name": "link", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"})
    status, answer = shared_engine.call("PUT" if "leases" in path else "POST", path, body)
    assert status < 500 or "listen" in answer or "address" in answer or "lookup" in answer, answer
    assert shared_engine.call("GET", "/metrics")[0] == 200
    for name in shared_engine.get("/proxies"):
        shared_engine.call("DELETE", f"/proxies/{quote(name, safe='')}")


def test_pipelined_requests_are_answered_in_order(shared_engine):
    """Three requests in one packet, three answers on the same connection, then the close that was asked for."""
    answer = exchange(
        shared_engine,
        b"GET /version HTTP/1.1\r\n\r\nGET /nothing HTTP/1.1\r\n\r\nGET /proxies HTTP/1.1\r\nConnection: close\r\n\r\n",
    )
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"404", b"200"]
    assert json.loads(answer.rpartition(b"\r\n\r\n")[2]) == {}


@pytest.mark.parametrize("target", ["//[", "http://[", "/%ff", "/?", "x://"])
def test_a_target_that_no_address_parser_takes_is_not_found(shared_engine, target):
    """It is answered like any other path that is not there."""
    answer = exchange(shared_engine, f"GET {target} HTTP/1.1\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")


def test_a_whole_url_is_answered_like_its_path(shared_engine):
    """As every HTTP server must take it."""
    answer = exchange(shared_engine, b"GET http://127.0.0.1:1/version?x=/ HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_half_a_character_is_read_as_the_replacement_character(engine):
    """JSON can spell it and no encoding can carry it: as in Go, it does no harm anywhere."""
    half, whole = b"\\ud800", "\N{REPLACEMENT CHARACTER}"
    body = b'{"name": "%s", "listen": "127.0.0.1:0", "upstream": "%s"}' % (half, half)
    answer = exchange(engine, b"POST /proxies HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    assert answer.startswith(b"HTTP/1.1 201 ")
    assert list(engine.get("/proxies")) == [whole]
    assert engine.call("DELETE", f"/proxies/{quote(whole)}") == (204, "")


@pytest.mark.parametrize("listen", ["..:0", "a" * 70 + ":0", "\0:0"])
def test_a_listen_address_that_is_no_name_is_refused_with_the_reason(engine, listen):
    """What the resolver chokes on is a refusal like any other."""
    status, answer = engine.call("POST", "/proxies", {"name": "a", "listen": listen, "upstream": "127.0.0.1:1"})
    assert (status, "lookup" in answer) == (500, True)


@pytest.mark.parametrize("port", ["9" * 5_000, "65536", "-1", "", "\u0663", "0\u0663"])
def test_a_port_that_is_none_is_refused_with_the_reason(engine, port):
    """However many digits it has, and whatever counts as a digit elsewhere."""
    wanted = {"name": "a", "listen": f"127.0.0.1:{port}", "upstream": "127.0.0.1:1"}
    status, answer = engine.call("POST", "/proxies", wanted)
    assert (status, "invalid port" in answer) == (500, True)


def test_leading_zeros_of_a_port_do_not_count(engine):
    """As in Go."""
    wanted = {"name": "a", "listen": "127.0.0.1:" + "0" * 5_000, "upstream": "127.0.0.1:1"}
    assert engine.call("POST", "/proxies", wanted)[0] == 201


def test_idle_peers_make_room_for_one_that_asks(shared_engine):
    """However many hold a connection and send nothing, or half a request, a newcomer is answered."""
    idle = []
    try:
        for number in range(2 * PEERS_LIMIT):
            idle.append(socket.create_connection(("127.0.0.1", shared_engine.ready["port"]), timeout=20))
            idle[-1].sendall(b"POST /proxies HTTP/1.1\r\nContent-Length: 9\r\n\r\n{"[: number % 50])
        assert shared_engine.get("/version") == {"version": "2.12.0"}
        with contextlib.suppress(ConnectionResetError):
            assert idle[0].recv(10) == b""
    finally:
        for client in idle:
            client.close()


class SilentPeer:
    closed = False

    def close(self):
        self.closed = True


def test_the_peer_that_was_silent_longest_makes_room():
    """Having been heard counts, not having come early."""
    peers, first, second, third = Peers(limit=2), SilentPeer(), SilentPeer(), SilentPeer()
    peers.add(first)
    peers.add(second)
    peers.heard(first)
    peers.add(third)
    assert (first.closed, second.closed, third.closed) == (False, True, False)


@pytest.mark.parametrize("sent", [b"", b"GET /vers", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n{", b"\r\n"])
def test_a_peer_that_never_ends_its_request_is_closed(sent):
    """Once its patience is over; nothing is answered and nothing is left behind."""

    async def never(request):
        raise AssertionError(request)

    async def scene():
        loop, peers = asyncio.get_running_loop(), Peers()
        server = await loop.create_server(lambda: ControlConnection(never, peers, patience_s=0.05), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(sent)
            try:
                return await asyncio.wait_for(reader.read(), 20)
            except ConnectionResetError:
                return b""
            finally:
                writer.close()

    assert asyncio.run(scene()) == b""


def test_a_peer_that_does_not_take_its_answers_is_closed():
    """The engine does not keep for ever what nobody reads."""

    async def large(request):
        return Response(200, b"x" * 50_000_000)

    async def scene():
        loop, peers = asyncio.get_running_loop(), Peers()
        lost = loop.create_future()

        class Watched(ControlConnection):
            def connection_lost(self, exc):
                super().connection_lost(exc)
                lost.set_result(True)

        server = await loop.create_server(lambda: Watched(large, peers, patience_s=0.05), "127.0.0.1", 0)
        async with server:
            with socket.create_connection(server.sockets[0].getsockname()) as client:
                client.sendall(b"GET / HTTP/1.1\r\n\r\n")
                return await asyncio.wait_for(lost, 20)

    assert asyncio.run(scene())


@pytest.mark.parametrize("name", ["a/b", "100 %", "..", "ä\u2028", "x" * 1_000, "?#"])
def test_whatever_can_be_made_can_be_taken_away(engine, upstream, name):
    """A name of any characters has a path, for the proxy and for its toxic."""
    path = quote(name, safe="")
    body = {"name": name, "listen": "127.0.0.1:0", "upstream": upstream().address}
    assert engine.call("POST", "/proxies", body)[0] == 201
    assert engine.call("POST", f"/proxies/{path}/toxics", {"type": "noop", "name": name})[0] == 200
    assert json.loads(engine.call("GET", f"/proxies/{path}/toxics/{path}")[1])["name"] == name
    assert engine.call("DELETE", f"/proxies/{path}/toxics/{path}")[0] == 204
    assert engine.call("DELETE", f"/proxies/{path}")[0] == 204


def test_a_name_that_fits_into_no_path_is_refused(engine, upstream):
    """What could never be addressed again is not made."""
    body = {"name": "x" * 1_001, "listen": "127.0.0.1:0", "upstream": upstream().address}
    assert engine.call("POST", "/proxies", body)[0] == 400
    engine.proxy(body["upstream"])
    assert engine.call("POST", "/proxies/link/toxics", {"type": "noop", "name": "x" * 1_001})[0] == 400
