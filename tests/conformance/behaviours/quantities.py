"""`bandwidth`, `limit_data` and `slicer`: how much comes through, how fast, in what pieces."""

import time

from tests.conformance.behaviour import Behaviour
from tests.conformance.bench import Bench
from tests.conformance.ends import hear, hear_out


def bandwidth(bench: Bench) -> str:
    """3,000 bytes through a `bandwidth` of 10 KB/s."""
    link = bench.link()
    link.add("bandwidth", rate=10)
    pair = link.open()
    begun_at = time.monotonic()
    pair.upstream.sendall(b"x" * 3000)
    heard = hear_out(pair.client, 3000)
    enough = time.monotonic() - begun_at >= 0.3
    return f"{len(heard.data)} bytes, {'not before 300 ms' if enough else 'too early'}"


def bandwidth_of_nothing(bench: Bench) -> str:
    """A reply meets a `bandwidth` of 0."""
    link = bench.link()
    link.add("bandwidth", rate=0)
    heard = link.open().reply()
    return f"{len(heard.data)} bytes, {heard.end}"


def removed_bandwidth(bench: Bench) -> str:
    """A reply waits in a `bandwidth` of 0 that is then removed."""
    link = bench.link()
    link.add("bandwidth", rate=0)
    pair = link.open()
    assert pair.reply(b"held").data == b""
    link.remove("bandwidth")
    return "what it held arrives" if hear_out(pair.client, 4).data == b"held" else "what it held is lost"


def limit_data(bench: Bench) -> str:
    """300 bytes meet a `limit_data` of 200."""
    link = bench.link()
    link.add("limit_data", bytes=200)
    pair = link.open()
    pair.upstream.sendall(b"abc" * 100)
    heard = hear_out(pair.client)
    return f"{len(heard.data)} bytes, then {heard.end}"


def limit_data_of_nothing(bench: Bench) -> str:
    """An idle connection with a `limit_data` of 0, and then its first byte."""
    link = bench.link()
    link.add("limit_data", bytes=0)
    pair = link.open()
    idle = hear(pair.client).end
    pair.upstream.sendall(b"x")
    heard = hear_out(pair.client)
    return f"{idle}; with a byte sent, {len(heard.data)} bytes, then {heard.end}"


def limit_data_of_each_connection(bench: Bench) -> str:
    """Two connections, one after the other, send three bytes each through a `limit_data` of 4."""
    link = bench.link()
    link.add("limit_data", bytes=4)
    heard = [link.open().reply(b"abc").data for _ in range(2)]
    return "each has its own count" if heard == [b"abc", b"abc"] else "they share one count"


def limit_data_that_is_lowered(bench: Bench) -> str:
    """Four bytes have come through a `limit_data` of 10, which becomes 6; four more are sent."""
    link = bench.link()
    link.add("limit_data", bytes=10)
    pair = link.open()
    assert pair.reply(b"abcd").data == b"abcd"
    link.change("limit_data", bytes=6)
    pair.upstream.sendall(b"efgh")
    heard = hear_out(pair.client)
    return f"{len(heard.data)} bytes more, then {heard.end}"


def slicer(bench: Bench) -> str:
    """100,000 bytes through a `slicer` of 500 ± 100 bytes."""
    link, data = bench.link(), bytes(range(250)) * 400
    link.add("slicer", average_size=500, size_variation=100)
    pair = link.open()
    pair.upstream.sendall(data)
    return "unchanged" if hear_out(pair.client, len(data)).data == data else "changed"


def slicer_with_a_delay(bench: Bench) -> str:
    """Twenty bytes through a `slicer` of single bytes with a `delay` of 10,000 µs after each."""
    link = bench.link()
    link.add("slicer", average_size=1, delay=10_000)
    pair = link.open()
    begun_at = time.monotonic()
    pair.upstream.sendall(b"x" * 20)
    assert len(hear_out(pair.client, 20).data) == 20
    return "not before 190 ms" if time.monotonic() - begun_at >= 0.19 else "too early"


def noop(bench: Bench) -> str:
    """A request and a reply with a `noop` on both streams."""
    link = bench.link()
    link.add("noop", stream="upstream")
    body = {"name": "other", "type": "noop"}
    assert bench.call("POST", f"/proxies/{link.name}/toxics", body) == 200
    pair = link.open()
    heard = pair.request(b"ask").data, pair.reply(b"told").data
    return "every byte arrives" if heard == (b"ask", b"told") else f"{heard}"


def two_toxics(bench: Bench) -> str:
    """A `limit_data` of 5, and a `latency` of 200 ms after it on the same stream."""
    link = bench.link()
    link.add("limit_data", bytes=5)
    link.add("latency", latency=200)
    pair = link.open()
    begun_at = time.monotonic()
    pair.upstream.sendall(b"0123456789")
    heard = hear_out(pair.client)
    later = time.monotonic() - begun_at >= 0.2
    return f"{len(heard.data)} bytes, {'later' if later else 'at once'}, then {heard.end}"


QUANTITIES = (
    Behaviour(bandwidth, "3000 bytes, not before 300 ms"),
    Behaviour(bandwidth_of_nothing, "0 bytes, left open"),
    Behaviour(removed_bandwidth, "what it held arrives"),
    Behaviour(limit_data, "200 bytes, then closed"),
    Behaviour(limit_data_of_nothing, "left open; with a byte sent, 0 bytes, then closed"),
    Behaviour(limit_data_of_each_connection, "each has its own count"),
    Behaviour(limit_data_that_is_lowered, "2 bytes more, then closed"),
    Behaviour(slicer, "unchanged"),
    Behaviour(slicer_with_a_delay, "not before 190 ms"),
    Behaviour(noop, "every byte arrives"),
    Behaviour(two_toxics, "5 bytes, later, then closed"),
)
