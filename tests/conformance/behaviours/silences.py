"""`timeout`: nothing comes through, and the connection is closed after the time, or when the toxic is removed."""

import time
from threading import Event, Thread

from tests.conformance.behaviour import Behaviour, better
from tests.conformance.bench import Bench
from tests.conformance.ends import End, hear, hear_out


def timeout(bench: Bench) -> str:
    """A reply meets a `timeout` of 300 ms."""
    link = bench.link()
    begun_at = time.monotonic()
    link.add("timeout", timeout=300)
    pair = link.open()
    pair.upstream.sendall(b"lost")
    heard = hear_out(pair.client)
    enough = time.monotonic() - begun_at >= 0.3
    return f"{len(heard.data)} bytes, then {heard.end}, {'not before its time' if enough else 'too early'}"


def timeout_of_an_idle_connection(bench: Bench) -> str:
    """An idle connection with a `timeout` of 200 ms."""
    link = bench.link()
    link.add("timeout", timeout=200)
    return hear_out(link.open().client).end


def timeout_without_end(bench: Bench) -> str:
    """A reply meets a `timeout` of 0."""
    link = bench.link()
    link.add("timeout", timeout=0)
    heard = link.open().reply()
    return f"{len(heard.data)} bytes, {heard.end}"


def timeout_towards_the_upstream(bench: Bench) -> str:
    """`timeout` of 0 on the stream `upstream`."""
    link = bench.link()
    link.add("timeout", stream="upstream", timeout=0)
    pair = link.open()
    asked, told = pair.request().data, pair.reply().data
    return f"request {'comes' if asked else 'is lost'}, reply {'comes' if told else 'is lost'}"


def removed_timeout(bench: Bench) -> str:
    """A `timeout` of 0 has dropped a reply, and is removed."""
    link = bench.link()
    link.add("timeout", timeout=0)
    pair = link.open()
    assert pair.reply().data == b""
    link.remove("timeout")
    return hear_out(pair.client).end


def timeout_that_is_set_later(bench: Bench) -> str:
    """A `timeout` of 0 becomes one of 100 ms while a connection hangs in it."""
    link = bench.link()
    link.add("timeout", timeout=0)
    pair = link.open()
    assert pair.reply().data == b""
    link.change("timeout", timeout=100)
    return hear_out(pair.client).end


def close_behind_a_timeout(bench: Bench) -> str:
    """The upstream closes behind a `timeout` of 0."""
    link = bench.link()
    link.add("timeout", timeout=0)
    pair = link.open()
    pair.upstream.close()
    return hear(pair.client).end


def timeout_under_data(bench: Bench) -> str:
    """`timeout` of 700 ms, and an upstream that sends a byte every 20 ms."""
    link = bench.link()
    link.add("timeout", timeout=700)
    pair, enough = link.open(), Event()

    def send() -> None:
        try:
            while not enough.wait(0.02):
                pair.upstream.sendall(b"x")
        except OSError:
            return  # the connection was closed meanwhile

    sender = Thread(target=send)
    sender.start()
    end = hear(pair.client, quiet_s=2.0).end
    enough.set()
    sender.join()
    return "never closed while data come" if end is End.OPEN else "closed, though data come"


TIMEOUT_HIDES = "nothing comes through a silence, not even news of the other side"

SILENCES = (
    Behaviour(timeout, "0 bytes, then closed, not before its time"),
    Behaviour(timeout_of_an_idle_connection, "closed"),
    Behaviour(timeout_without_end, "0 bytes, left open"),
    Behaviour(timeout_towards_the_upstream, "request is lost, reply comes"),
    Behaviour(removed_timeout, "closed"),
    Behaviour(timeout_that_is_set_later, "closed"),
    Behaviour(close_behind_a_timeout, "closed", better("left open", TIMEOUT_HIDES)),
    Behaviour(
        timeout_under_data,
        "never closed while data come",
        better("closed, though data come", "the time counts from when the toxic takes hold"),
    ),
)
