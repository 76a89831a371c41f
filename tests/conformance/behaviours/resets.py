"""`reset_peer`: who gets a TCP reset, and who is spared."""

import time
from collections.abc import Callable
from socket import socket

from tests.conformance.behaviour import Behaviour, better
from tests.conformance.bench import Bench, Link
from tests.conformance.ends import End, hear, hear_out


def end_of(reached: Callable[[], socket]) -> End:
    """How a connection ends that may be reset before it is even made."""
    try:
        return hear_out(reached()).end
    except ConnectionResetError:
        return End.RESET


def reply(link: Link) -> socket:
    """A new connection on whose upstream side a byte is sent, unless it is gone already; the client's side."""
    client = link.client()
    try:
        link.accept().sendall(b"x")
    except (ConnectionResetError, BrokenPipeError):
        return client
    return client


def reset_of_a_new_connection(bench: Bench) -> str:
    """A reply meets `reset_peer`; what the client sees."""
    link = bench.link()
    link.add("reset_peer")
    return end_of(lambda: reply(link))


def reset_of_the_upstream(bench: Bench) -> str:
    """A reply meets a `reset_peer` of 200 ms; what the upstream sees."""
    link = bench.link()
    link.add("reset_peer", timeout=200)
    pair = link.open()
    pair.upstream.sendall(b"x")
    return hear_out(pair.upstream).end


def reset_after_a_time(bench: Bench) -> str:
    """A reply meets a `reset_peer` of 200 ms; what the client sees."""
    link = bench.link()
    link.add("reset_peer", timeout=200)
    begun_at = time.monotonic()
    pair = link.open()
    pair.upstream.sendall(b"lost")
    heard = hear_out(pair.client)
    enough = time.monotonic() - begun_at >= 0.2
    return f"{len(heard.data)} bytes, then {heard.end}, {'not before its time' if enough else 'too early'}"


def reset_of_a_new_idle_connection(bench: Bench) -> str:
    """A connection on which nothing is sent is made through a `reset_peer` of 100 ms."""
    link = bench.link()
    link.add("reset_peer", timeout=100)
    return hear(link.open().client, quiet_s=1.0).end


def reset_of_a_live_idle_connection(bench: Bench) -> str:
    """`reset_peer` comes to a connection that has carried data and rests."""
    link = bench.link()
    pair = link.live()
    link.add("reset_peer")
    return hear(pair.client, quiet_s=1.0).end


def reset_of_a_live_connection(bench: Bench) -> str:
    """`reset_peer` comes to a connection that has carried data, and more is sent."""
    link = bench.link()
    pair = link.live()
    link.add("reset_peer", timeout=100)
    pair.upstream.sendall(b"more")
    return hear_out(pair.client).end


def close_of_a_spared_connection(bench: Bench) -> str:
    """The upstream closes a connection that a `reset_peer` with a toxicity of 0 spares."""
    link = bench.link()
    link.add("reset_peer", toxicity=0)
    pair = link.live()
    pair.upstream.close()
    return hear_out(pair.client).end


RESET_ALL = "the toxic resets every connection that it touches, whether or not it is new or busy"

RESETS = (
    Behaviour(reset_of_a_new_connection, "reset"),
    Behaviour(reset_of_the_upstream, "reset"),
    Behaviour(reset_after_a_time, "0 bytes, then reset, not before its time"),
    Behaviour(
        reset_of_a_new_idle_connection,
        "left open",
        better("reset", "the time counts from when the toxic takes hold, not from the first byte"),
    ),
    Behaviour(reset_of_a_live_idle_connection, "left open", better("reset", RESET_ALL)),
    Behaviour(reset_of_a_live_connection, "closed", better("reset", RESET_ALL)),
    Behaviour(
        close_of_a_spared_connection,
        "reset",
        better("closed", "a connection that the toxic spares ends as it would without it"),
    ),
)
