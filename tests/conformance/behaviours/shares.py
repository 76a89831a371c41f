"""`toxicity`: which share of connections a toxic touches, and whether those are the same ones tomorrow."""

import select
from socket import socket

from tests.conformance.behaviour import Behaviour, better
from tests.conformance.bench import Bench, Link
from tests.conformance.ends import QUIET_S, Pair, hear_out

LIVE = 30


def greeted(link: Link) -> bytes:
    """What a new connection hears of a greeting before it is closed."""
    pair = link.open()
    pair.upstream.sendall(b"hello")
    pair.upstream.close()
    return hear_out(pair.client).data


def heard_of(pairs: list[Pair], mark: bytes) -> set[int]:
    """Send the mark to every client; the places of those who hear it, waiting until no more do."""
    places: dict[socket, int] = {pair.client: place for place, pair in enumerate(pairs)}
    for pair in pairs:
        pair.upstream.sendall(mark)
    heard = set()
    while ready := select.select(list(places), [], [], QUIET_S)[0]:
        for client in ready:
            if mark in client.recv(1024):
                heard.add(places[client])
    return heard


def decisions(bench: Bench, seed: int) -> list[bytes]:
    """What forty connections in a row hear of a greeting through a toxic that touches half, on a new server."""
    with bench.throwaway("-seed" if bench.toxiproxy else "--seed", str(seed)) as own:
        link = own.link()
        link.add("limit_data", toxicity=0.5, bytes=2)
        return [greeted(link) for _ in range(40)]


def toxicity_of_nothing(bench: Bench) -> str:
    """A greeting meets a `limit_data` of 2 with a toxicity of 0, ten times."""
    link = bench.link()
    link.add("limit_data", toxicity=0, bytes=2)
    return "none is touched" if {greeted(link) for _ in range(10)} == {b"hello"} else "some are touched"


def toxicity_of_one(bench: Bench) -> str:
    """A greeting meets a `limit_data` of 2 with a toxicity of 1, ten times."""
    link = bench.link()
    link.add("limit_data", toxicity=1, bytes=2)
    return "all are touched" if {greeted(link) for _ in range(10)} == {b"he"} else "some are spared"


def toxicity_of_a_half(bench: Bench) -> str:
    """A greeting meets a `limit_data` of 2 with a toxicity of 0.5, forty times."""
    link = bench.link()
    link.add("limit_data", toxicity=0.5, bytes=2)
    heard = {greeted(link) for _ in range(40)}
    return "some are touched, some spared" if heard == {b"hello", b"he"} else f"{heard}"


def share_across_a_change(bench: Bench) -> str:
    """A `latency` of a minute touches half of thirty live connections; then it is updated with the same toxicity."""
    link = bench.link()
    pairs = [link.live() for _ in range(LIVE)]
    link.add("latency", toxicity=0.5, latency=60_000)
    before = heard_of(pairs, b"a")
    link.change("latency", toxicity=0.5, latency=60_000)
    return "the same are touched" if heard_of(pairs, b"b") == before else "others are touched"


def share_across_another_toxic(bench: Bench) -> str:
    """A `latency` of a minute touches half of thirty live connections; then a `noop` is added after it."""
    link = bench.link()
    pairs = [link.live() for _ in range(LIVE)]
    link.add("latency", toxicity=0.5, latency=60_000)
    before = heard_of(pairs, b"a")
    link.add("noop")
    return "the same are touched" if heard_of(pairs, b"b") == before else "others are touched"


def seed_of_a_server(bench: Bench) -> str:
    """Two servers with the same seed, and forty connections in a row to each, half of them touched."""
    return "the same are touched" if decisions(bench, 7) == decisions(bench, 7) else "others are touched"


DRAWN_ONCE = "each connection is drawn for once, and the draw is kept"

SHARES = (
    Behaviour(toxicity_of_nothing, "none is touched"),
    Behaviour(toxicity_of_one, "all are touched"),
    Behaviour(toxicity_of_a_half, "some are touched, some spared"),
    Behaviour(share_across_a_change, "others are touched", better("the same are touched", DRAWN_ONCE)),
    Behaviour(share_across_another_toxic, "others are touched", better("the same are touched", DRAWN_ONCE)),
    Behaviour(
        seed_of_a_server, "others are touched", better("the same are touched", "a run with faults can be repeated")
    ),
)
