"""A clock moved by hand, and a neighbour that answers as told and remembers what it saw."""

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

START_UNIX_NS = 1_675_040_400_000_000_000


class FakeClock:
    """Stands still until it is moved; who sleeps moves it."""

    def __init__(self) -> None:
        self.elapsed_s = 0.0
        self.slept_s: list[float] = []

    def unix_ns(self) -> int:
        return START_UNIX_NS + round(self.elapsed_s * 1e9)

    def monotonic_s(self) -> float:
        return self.elapsed_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.elapsed_s += seconds

    def advance(self, seconds: float) -> None:
        self.elapsed_s += seconds


@dataclass(frozen=True)
class Seen:
    """One request as the neighbour received it."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Neighbour:
    """Another system on loopback. `reply` gives status and body; None drops the connection without a word."""

    url: str
    reply: Callable[[Seen], tuple[int, bytes] | None] = lambda seen: (200, b"{}")
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def a_neighbour() -> Iterator[Neighbour]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen = Seen(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            neighbour.seen.append(seen)
            reply = neighbour.reply(seen)
            if reply is None:
                self.close_connection = True
                return
            self.send_response(reply[0])
            self.send_header("Content-Length", str(len(reply[1])))
            self.end_headers()
            self.wfile.write(reply[1])

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    neighbour = Neighbour(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield neighbour
    server.shutdown()
    server.server_close()
    thread.join()
