"""`latency` and `slow_close`: what comes later, and what does not. A delay is a lower bound, never an upper one."""

import time

from tests.conformance.behaviour import Behaviour
from tests.conformance.bench import Bench
from tests.conformance.ends import End, hear, hear_out

FOR_EVER_MS = 60_000


def lasted(begun_at: float, at_least_s: float) -> str:
    return "not before its time" if time.monotonic() - begun_at >= at_least_s else "too early"


def latency_of_a_reply(bench: Bench) -> str:
    """`latency` of 200 ms, and a reply through it."""
    link = bench.link()
    link.add("latency", latency=200)
    pair = link.open()
    begun_at = time.monotonic()
    pair.upstream.sendall(b"reply")
    assert hear_out(pair.client, 5).data == b"reply"
    return lasted(begun_at, 0.2)


def latency_towards_the_upstream(bench: Bench) -> str:
    """`latency` of a minute on the stream `upstream`."""
    link = bench.link()
    link.add("latency", stream="upstream", latency=FOR_EVER_MS)
    pair = link.open()
    return f"request {'comes' if pair.request().data else 'waits'}, reply {'comes' if pair.reply().data else 'waits'}"


def latency_towards_the_client(bench: Bench) -> str:
    """`latency` of a minute on the stream `downstream`."""
    link = bench.link()
    link.add("latency", latency=FOR_EVER_MS)
    pair = link.open()
    return f"request {'comes' if pair.request().data else 'waits'}, reply {'comes' if pair.reply().data else 'waits'}"


def latency_of_many_chunks(bench: Bench) -> str:
    """Ten chunks, cut by a `slicer`, meet a `latency` of 150 ms together; another link has 900 ms for one chunk."""
    many, one = bench.link(), bench.link()
    many.add("slicer", average_size=1)
    many.add("latency", latency=150)
    one.add("latency", latency=900)
    first, second = many.open(), one.open()
    second.upstream.sendall(b"x")
    first.upstream.sendall(b"0123456789")
    assert hear_out(first.client, 10).data == b"0123456789"
    second.client.setblocking(False)
    try:
        second.client.recv(1)
    except BlockingIOError:
        return "the ten come before the one: delays do not add up"
    return "the ten come after the one: delays add up"


def latency_with_jitter(bench: Bench) -> str:
    """`latency` of 60 ms with a `jitter` of 30 ms, ten replies, each after the one before."""
    link = bench.link()
    link.add("latency", latency=60, jitter=30)
    pair = link.open()
    for _ in range(10):
        begun_at = time.monotonic()
        pair.upstream.sendall(b"x")
        assert hear_out(pair.client, 1).data == b"x"
        if lasted(begun_at, 0.03) == "too early":
            return "too early"
    return "none before 30 ms"


def order_under_jitter(bench: Bench) -> str:
    """Fifty chunks, cut by a `slicer`, each with a `latency` of its own between 0 and 40 ms."""
    link, data = bench.link(), bytes(range(50))
    link.add("slicer", average_size=1)
    link.add("latency", latency=20, jitter=20)
    pair = link.open()
    pair.upstream.sendall(data)
    return "in order" if hear_out(pair.client, 50).data == data else "out of order"


def latency_of_a_close(bench: Bench) -> str:
    """The upstream closes without a word behind a `latency` of a minute."""
    link = bench.link()
    link.add("latency", latency=FOR_EVER_MS)
    pair = link.open()
    pair.upstream.close()
    return "the close is not delayed" if hear_out(pair.client).end is End.CLOSED else "the close is delayed"


def removed_latency(bench: Bench) -> str:
    """Three chunks wait in a `latency` of a minute that is then removed."""
    link = bench.link()
    link.add("latency", latency=FOR_EVER_MS)
    pair = link.open()
    for chunk in (b"one ", b"two ", b"three"):
        pair.upstream.sendall(chunk)
        assert hear(pair.client, quiet_s=0.1).data == b""
    link.remove("latency")
    return f"{hear_out(pair.client, 13).data.decode()}, in order"


def two_latencies(bench: Bench) -> str:
    """Two `latency` toxics of 100 and 150 ms on the same stream."""
    link = bench.link()
    body = {"name": "second", "type": "latency", "attributes": {"latency": 150}}
    link.add("latency", latency=100)
    assert bench.call("POST", f"/proxies/{link.name}/toxics", body) == 200
    pair = link.open()
    begun_at = time.monotonic()
    pair.upstream.sendall(b"x")
    assert hear_out(pair.client, 1).data == b"x"
    return "they add up" if lasted(begun_at, 0.25) == "not before its time" else "they do not add up"


def slow_close(bench: Bench) -> str:
    """The upstream sends and closes; `slow_close` has a `delay` of 300 ms."""
    link = bench.link()
    link.add("slow_close", delay=300)
    pair = link.open()
    begun_at = time.monotonic()
    pair.upstream.sendall(b"data")
    pair.upstream.close()
    heard = hear_out(pair.client)
    return f"{heard.data.decode()}, then {heard.end}, {lasted(begun_at, 0.3)}"


def data_through_a_slow_close(bench: Bench) -> str:
    """The upstream sends and closes; `slow_close` has a `delay` of a minute."""
    link = bench.link()
    link.add("slow_close", delay=FOR_EVER_MS)
    pair = link.open()
    pair.upstream.sendall(b"data")
    pair.upstream.close()
    heard = hear(pair.client)
    return f"{heard.data.decode()}, {heard.end}"


def removed_slow_close(bench: Bench) -> str:
    """A close waits in a `slow_close` of a minute that is then removed."""
    link = bench.link()
    link.add("slow_close", delay=FOR_EVER_MS)
    pair = link.live()
    pair.upstream.close()
    assert hear(pair.client).end is End.OPEN
    link.remove("slow_close")
    return hear_out(pair.client).end


DELAYS = (
    Behaviour(latency_of_a_reply, "not before its time"),
    Behaviour(latency_towards_the_upstream, "request waits, reply comes"),
    Behaviour(latency_towards_the_client, "request comes, reply waits"),
    Behaviour(latency_of_many_chunks, "the ten come before the one: delays do not add up"),
    Behaviour(latency_with_jitter, "none before 30 ms"),
    Behaviour(order_under_jitter, "in order"),
    Behaviour(latency_of_a_close, "the close is not delayed"),
    Behaviour(removed_latency, "one two three, in order"),
    Behaviour(two_latencies, "they add up"),
    Behaviour(slow_close, "data, then closed, not before its time"),
    Behaviour(data_through_a_slow_close, "data, left open"),
    Behaviour(removed_slow_close, "closed"),
)
