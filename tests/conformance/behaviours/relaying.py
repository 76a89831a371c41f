"""What passes through a proxy without toxics: bytes, closes and resets."""

import hashlib
import socket
import threading

from tests.conformance.behaviour import Behaviour, better
from tests.conformance.bench import Bench
from tests.conformance.ends import LOCALHOST, closed_port, hear, hear_out, reset


def plain_relay(bench: Bench) -> str:
    """A client asks and the upstream answers, twice."""
    pair = bench.link().open()
    heard = [pair.request(b"ask").data, pair.reply(b"told").data, pair.request(b"more").data, pair.reply(b"end").data]
    return "every byte arrives" if heard == [b"ask", b"told", b"more", b"end"] else f"{heard}"


def large_transfer(bench: Bench) -> str:
    """Eight megabytes go each way at the same time."""
    data = bytes(range(251)) * 33_000
    pair = bench.link().open()
    senders = [threading.Thread(target=end.sendall, args=(data,)) for end in (pair.client, pair.upstream)]
    reader = threading.Thread(target=lambda: digests.append(digest(pair.upstream)))
    digests: list[str] = []

    def digest(end: socket.socket) -> str:
        return hashlib.sha256(hear_out(end, len(data)).data).hexdigest()

    for thread in (*senders, reader):
        thread.start()
    digests.append(digest(pair.client))
    for thread in (*senders, reader):
        thread.join()
    return "unchanged" if digests == [hashlib.sha256(data).hexdigest()] * 2 else "changed"


def late_reply(bench: Bench) -> str:
    """A client closes its side, and only then does the upstream reply."""
    pair = bench.link().live()
    pair.client.shutdown(socket.SHUT_WR)
    hear_out(pair.upstream)
    pair.upstream.sendall(b"reply")
    return "the reply arrives" if hear_out(pair.client, 5).data == b"reply" else "the reply is lost"


def late_request(bench: Bench) -> str:
    """The upstream closes its side, and the client then sends what it still has to say."""
    pair = bench.link().live()
    pair.upstream.shutdown(socket.SHUT_WR)
    hear_out(pair.client)
    pair.client.sendall(b"rest")
    return "the rest arrives" if hear_out(pair.upstream, 4).data == b"rest" else "the rest is lost"


def close_of_the_upstream(bench: Bench) -> str:
    """The upstream sends and closes at once."""
    pair = bench.link().open()
    pair.upstream.sendall(b"last")
    pair.upstream.close()
    heard = hear_out(pair.client)
    return f"{heard.data.decode()}, then {heard.end}"


def close_of_the_client(bench: Bench) -> str:
    """The client sends and closes at once."""
    pair = bench.link().open()
    pair.client.sendall(b"last")
    pair.client.close()
    heard = hear_out(pair.upstream)
    return f"{heard.data.decode()}, then {heard.end}"


def reset_by_the_upstream(bench: Bench) -> str:
    """The upstream resets its connection; what the client sees."""
    pair = bench.link().live()
    reset(pair.upstream)
    return hear_out(pair.client).end


def reset_by_the_client(bench: Bench) -> str:
    """The client resets its connection; what the upstream sees."""
    pair = bench.link().live()
    reset(pair.client)
    return hear_out(pair.upstream).end


def refused_dial(bench: Bench) -> str:
    """Nobody listens where the upstream should be; what the client sees."""
    return hear_out(bench.link(f"{LOCALHOST}:{closed_port()}").client()).end


def upstream_that_is_no_address(bench: Bench) -> str:
    """The upstream is a word without a port; what the client sees."""
    return hear_out(bench.link("nonsense").client()).end


def two_proxies(bench: Bench) -> str:
    """One of two proxies lets nothing through."""
    hung, other = bench.link(), bench.link()
    hung.add("timeout")
    silent, heard = hear(hung.open().client), other.open().reply(b"through")
    return "the other is not touched" if (silent.data, heard.data) == (b"", b"through") else f"{silent} {heard}"


RELAYING = (
    Behaviour(plain_relay, "every byte arrives"),
    Behaviour(large_transfer, "unchanged"),
    Behaviour(
        late_reply,
        "the reply is lost",
        better("the reply arrives", "each side's close is passed on by itself, as TCP has it"),
    ),
    Behaviour(
        late_request,
        "the rest is lost",
        better("the rest arrives", "each side's close is passed on by itself, as TCP has it"),
    ),
    Behaviour(close_of_the_upstream, "last, then closed"),
    Behaviour(close_of_the_client, "last, then closed"),
    Behaviour(
        reset_by_the_upstream, "closed", better("reset", "who sees an orderly close takes a cut answer for a whole one")
    ),
    Behaviour(
        reset_by_the_client, "closed", better("reset", "who sees an orderly close takes a cut request for a whole one")
    ),
    Behaviour(refused_dial, "closed"),
    Behaviour(upstream_that_is_no_address, "closed"),
    Behaviour(two_proxies, "the other is not touched"),
)
