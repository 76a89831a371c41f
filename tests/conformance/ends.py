"""The two ends of a connection through a proxy, and what is heard at one of them."""

import socket
import struct
import time
from dataclasses import dataclass
from enum import StrEnum

from tests.conformance.servers import DEADLINE_S

LOCALHOST = "127.0.0.1"
LINGER_ZERO = struct.pack("ii", 1, 0)
# After so long without a byte nothing is said to come. Only ever waited for in full where nothing does.
QUIET_S = 0.5


class End(StrEnum):
    """How a stream ended, in words that stand in the tables."""

    CLOSED = "closed"
    RESET = "reset"
    OPEN = "left open"


@dataclass(frozen=True)
class Heard:
    """All that came, how it ended, and the seconds until its first byte (or its end, where there is none) came."""

    data: bytes
    end: End
    first_s: float = 0.0


def listen() -> socket.socket:
    """A listening socket on a free port, with a deadline."""
    listener = socket.create_server((LOCALHOST, 0))
    listener.settimeout(DEADLINE_S)
    return listener


def address_of(listener: socket.socket) -> str:
    return f"{LOCALHOST}:{listener.getsockname()[1]}"


def connect(port: int) -> socket.socket:
    return socket.create_connection((LOCALHOST, port), timeout=DEADLINE_S)


def closed_port() -> int:
    """One on which nobody listens."""
    with listen() as gone:
        return gone.getsockname()[1]


def hear(end: socket.socket, size: int | None = None, quiet_s: float = QUIET_S) -> Heard:
    """Read until the stream ends, `size` bytes are there, or nothing has come for `quiet_s`."""
    data, begun_at, first_s = bytearray(), time.monotonic(), None
    end.settimeout(quiet_s)
    try:
        while size is None or len(data) < size:
            chunk = end.recv(65536 if size is None else size - len(data))
            first_s = time.monotonic() - begun_at if first_s is None else first_s
            if not chunk:
                return Heard(bytes(data), End.CLOSED, first_s)
            data += chunk
    except TimeoutError:
        return Heard(bytes(data), End.OPEN, first_s or quiet_s)
    except (ConnectionResetError, BrokenPipeError):
        return Heard(bytes(data), End.RESET, time.monotonic() - begun_at if first_s is None else first_s)
    finally:
        end.settimeout(DEADLINE_S)
    return Heard(bytes(data), End.OPEN, first_s or 0.0)


def hear_out(end: socket.socket, size: int | None = None) -> Heard:
    """The same for what must come: silence is given until the deadline."""
    return hear(end, size, quiet_s=DEADLINE_S)


def reset(end: socket.socket) -> None:
    """Close with a TCP reset."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    end.close()


def fill(end: socket.socket, quiet_s: float = QUIET_S) -> int:
    """Send until nothing more has been taken for `quiet_s`; the bytes sent."""
    sent = 0
    end.settimeout(quiet_s)
    try:
        while True:
            sent += end.send(b"y" * 65536)
    except TimeoutError:
        return sent
    finally:
        end.settimeout(DEADLINE_S)


@dataclass(frozen=True)
class Pair:
    """The client's socket, and the upstream's that belongs to it."""

    client: socket.socket
    upstream: socket.socket

    def request(self, data: bytes = b"?") -> Heard:
        """Send from the client; what the upstream hears of so much."""
        self.client.sendall(data)
        return hear(self.upstream, len(data))

    def reply(self, data: bytes = b"!") -> Heard:
        """Send from the upstream; what the client hears of so much."""
        self.upstream.sendall(data)
        return hear(self.client, len(data))

    def exchange(self) -> None:
        """A byte each way, which must arrive."""
        self.client.sendall(b"?")
        assert hear_out(self.upstream, 1).data == b"?"
        self.upstream.sendall(b"!")
        assert hear_out(self.client, 1).data == b"!"
