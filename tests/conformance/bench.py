"""A bench: one server, and links through it of which the test holds both ends.

No thread stands between: the test itself is the client and the upstream, so what it sees is in the order it did it.
"""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count

from tests.conformance.ends import LOCALHOST, Pair, address_of, connect, listen
from tests.conformance.servers import DEADLINE_S, TOXIPROXY, Server, running

# An answer that takes longer than this is none.
FROZEN_S = 2.0


class Link:
    """A proxy, and the listening socket that is its upstream."""

    def __init__(self, bench: "Bench", name: str, listener: socket.socket, port: int) -> None:
        self.name = name
        self.port = port
        self._bench = bench
        self._listener = listener

    @property
    def address(self) -> str:
        """Where its clients connect."""
        return f"{LOCALHOST}:{self.port}"

    @property
    def upstream(self) -> str:
        return address_of(self._listener)

    def client(self) -> socket.socket:
        """A new connection to the proxy. Raises ConnectionRefusedError where it does not listen."""
        return self._bench.keep(connect(self.port))

    def accept(self) -> socket.socket:
        """The upstream's end of the oldest connection that it has not taken yet."""
        accepted = self._bench.keep(self._listener.accept()[0])
        accepted.settimeout(DEADLINE_S)
        return accepted

    def open(self) -> Pair:
        """Both ends of a new connection."""
        client = self.client()
        return Pair(client, self.accept())

    def live(self) -> Pair:
        """Both ends of a new connection that has carried a byte each way, so that both directions are known to work."""
        pair = self.open()
        pair.exchange()
        return pair

    def add(self, type_: str, stream: str = "downstream", toxicity: float = 1, **attributes: int) -> int:
        """Add a toxic, named by its type; the status of the answer."""
        body = {"name": type_, "type": type_, "stream": stream, "toxicity": toxicity, "attributes": attributes}
        return self._bench.call("POST", f"/proxies/{self.name}/toxics", body)

    def change(self, toxic: str, toxicity: float = 1, **attributes: int) -> None:
        path = f"/proxies/{self.name}/toxics/{toxic}"
        assert self._bench.call("PATCH", path, {"toxicity": toxicity, "attributes": attributes}) == 200

    def remove(self, toxic: str) -> None:
        assert self._bench.call("DELETE", f"/proxies/{self.name}/toxics/{toxic}") == 204

    def update(self, **fields: object) -> int:
        """Change the proxy; the status of the answer."""
        return self._bench.call("PATCH", f"/proxies/{self.name}", fields)


class Bench:
    """Makes links, and puts everything away when it is left."""

    def __init__(self, server: Server, lasting: bool = True) -> None:
        """A `lasting` server serves others after this bench, which therefore takes its proxies away."""
        self.server = server
        self._lasting = lasting
        self._undo = ExitStack()
        self._numbers = count(1)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()

    @property
    def toxiproxy(self) -> bool:
        """Whether the server is a real Toxiproxy."""
        return self.server.kind == TOXIPROXY

    def keep(self, one: socket.socket) -> socket.socket:
        """Close the socket in the end."""
        return self._undo.enter_context(one)

    def call(self, method: str, path: str, body: object = None) -> int:
        """The status of the control API's answer."""
        return self._ask(method, path, body)[0]

    def answers(self, method: str, path: str, body: object = None) -> bool:
        """Whether the control API answers within seconds, whatever it says."""
        try:
            return bool(self._ask(method, path, body, timeout_s=FROZEN_S))
        except TimeoutError:
            return False

    def link(self, upstream: str | None = None) -> Link:
        """A proxy, before a listening socket of the test's own unless another upstream is given."""
        listener, name = self.keep(listen()), f"link{next(self._numbers)}"
        upstream = upstream or address_of(listener)
        status, text = self._ask("POST", "/proxies", {"name": name, "listen": f"{LOCALHOST}:0", "upstream": upstream})
        assert status == 201, text
        if self._lasting:
            self._undo.callback(self.call, "DELETE", f"/proxies/{name}")
        return Link(self, name, listener, int(json.loads(text)["listen"].rpartition(":")[2]))

    @contextmanager
    def throwaway(self, *flags: str) -> Iterator["Bench"]:
        """A bench with a server of its own of the same kind, for what the server may not survive."""
        with running(self.server.kind, *flags) as server, Bench(server, lasting=False) as bench:
            yield bench

    def _ask(self, method: str, path: str, body: object, timeout_s: float = DEADLINE_S) -> tuple[int, str]:
        """Status and text of the control API's answer. Raises TimeoutError where there is none in time."""
        request = urllib.request.Request(
            f"http://{LOCALHOST}:{self.server.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
