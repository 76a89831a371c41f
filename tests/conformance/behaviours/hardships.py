"""What a server does not survive, or what silences its control API. Each has a server of its own."""

import subprocess
from contextlib import ExitStack
from socket import AF_INET, SOCK_STREAM, socket

from tests.conformance.behaviour import Behaviour, better
from tests.conformance.bench import Bench
from tests.conformance.ends import LOCALHOST, address_of, fill

REFUSED = "refused with 400, and the server lives"
CRASH_S = 10.0


def fate(bench: Bench, type_: str, **attributes: int) -> str:
    """What becomes of a server with a toxic of these attributes, once ten thousand bytes meet it."""
    with bench.throwaway() as own:
        link = own.link()
        status = link.add(type_, **attributes)
        if status == 400:
            link.live()
            return REFUSED
        link.open().upstream.sendall(b"x" * 10_000)
        try:
            own.server.process.wait(CRASH_S)
        except subprocess.TimeoutExpired:
            return f"accepted with {status}, and the server lives"
        return f"accepted with {status}, and the server crashes"


def slicer_without_attributes(bench: Bench) -> str:
    """A `slicer` without attributes, and data through it."""
    return fate(bench, "slicer")


def slicer_that_varies_too_much(bench: Bench) -> str:
    """A `slicer` of 1 ± 100 bytes, and data through it."""
    return fate(bench, "slicer", average_size=1, size_variation=100)


def negative_bandwidth(bench: Bench) -> str:
    """A `bandwidth` of -1, and data through it."""
    return fate(bench, "bandwidth", rate=-1)


def toxic_added_before_a_client_that_does_not_read(bench: Bench) -> str:
    """The upstream has sent all it can to a client that reads nothing; a toxic is added, then the proxy asked for."""
    with bench.throwaway() as own:
        link = own.link()
        fill(link.live().upstream)
        added = own.answers("POST", f"/proxies/{link.name}/toxics", {"type": "noop"})
        asked = own.answers("GET", f"/proxies/{link.name}")
        return "the control API answers" if added and asked else "the control API freezes"


def toxic_removed_before_a_client_that_does_not_read(bench: Bench) -> str:
    """The upstream has sent all it can to a client that reads nothing; a toxic is removed, then the proxy asked for."""
    with bench.throwaway() as own:
        link = own.link()
        link.add("noop")
        fill(link.live().upstream)
        removed = own.answers("DELETE", f"/proxies/{link.name}/toxics/noop")
        asked = own.answers("GET", f"/proxies/{link.name}")
        return "the control API answers" if removed and asked else "the control API freezes"


def upstream_that_does_not_take_the_dial(bench: Bench) -> str:
    """The upstream's queue is full, so that a dial hangs; the proxy is disabled meanwhile."""
    with bench.throwaway() as own, ExitStack() as crowd:
        full = crowd.enter_context(socket(AF_INET, SOCK_STREAM))
        full.bind((LOCALHOST, 0))
        full.listen(0)
        for _ in range(8):  # one has room, the others keep the queue full
            one = crowd.enter_context(socket(AF_INET, SOCK_STREAM))
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        link = own.link(address_of(full))
        link.client()
        own.call("GET", f"/proxies/{link.name}")
        disabled = own.answers("PATCH", f"/proxies/{link.name}", {"enabled": False})
        return "the control API answers" if disabled else "the control API freezes"


HARDSHIPS = (
    Behaviour(
        slicer_without_attributes,
        "accepted with 200, and the server crashes",
        better(REFUSED, "a mistake is told to the one who made it"),
    ),
    Behaviour(
        slicer_that_varies_too_much,
        "accepted with 200, and the server crashes",
        better(REFUSED, "a mistake is told to the one who made it"),
    ),
    Behaviour(
        negative_bandwidth,
        "accepted with 200, and the server crashes",
        better(REFUSED, "a mistake is told to the one who made it"),
    ),
    Behaviour(
        toxic_added_before_a_client_that_does_not_read,
        "the control API freezes",
        better("the control API answers", "a fault that cannot be taken back is an outage"),
    ),
    Behaviour(
        toxic_removed_before_a_client_that_does_not_read,
        "the control API freezes",
        better("the control API answers", "a fault that cannot be taken back is an outage"),
    ),
    Behaviour(
        upstream_that_does_not_take_the_dial,
        "the control API freezes",
        better("the control API answers", "dials run beside each other, and nothing waits for them"),
    ),
)
