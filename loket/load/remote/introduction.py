"""How a worker finds out whether there is a place for it, before it starts: one question over Locust's own sockets."""

import socket
from time import monotonic
from uuid import uuid4

import gevent
import msgspec
from locust.exception import RPCError
from locust.rpc.protocol import Message
from locust.rpc.zmqrpc import Client

from loket.load.remote.edition import Edition
from loket.load.remote.greeting import HELLO, WELCOME, Hello, Welcome, from_wire, to_wire

AGAIN_AFTER_S = 0.5


class NoAnswer(Exception):
    """Nobody who conducts a run answered; one sentence."""


def ask_for_place(host: str, port: int, edition: Edition, within_s: float) -> Welcome:
    """The answer of the master there, which may not be there yet. Raises NoAnswer after `within_s` seconds."""
    deadline = monotonic() + within_s
    while monotonic() < deadline:
        # A socket that was never connected keeps what it should have sent, and would send it to whoever comes later.
        if _listens(host, port) and (welcome := _ask(host, port, edition)) is not None:
            return welcome
        gevent.sleep(AGAIN_AFTER_S)
    raise NoAnswer(f"nobody who waits for remote workers answered at {host}:{port} within {within_s:g} s")


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2.0).close()
    except OSError:
        return False
    return True


def _ask(host: str, port: int, edition: Edition) -> Welcome | None:
    """What is answered within two seconds; None for anything that is no answer."""
    name = f"{socket.gethostname()}_{uuid4().hex}"
    client = Client(host, port, name)  # type: ignore[no-untyped-call]
    hello = Message(HELLO, to_wire(Hello(edition=edition)), name)  # type: ignore[no-untyped-call]
    try:
        client.send(hello)
        with gevent.Timeout(2.0, False):
            answer: Message = client.recv()  # type: ignore[no-untyped-call]
            return from_wire(answer, Welcome) if answer.type == WELCOME else None
    except (RPCError, msgspec.ValidationError):
        return None
    finally:
        client.close(linger=0)  # type: ignore[no-untyped-call]
    return None
