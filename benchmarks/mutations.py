"""Calls of the engine's control API, right and wrong ones, from a seeded stream: what `engine_fuzz.py` sends.

A right call is made first. Half of the calls then go wrong in what they say (method, path, types, text) or in how they
are packed (lengths, chunks, bytes that are missing or changed).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

Body = object
Call = tuple[str, str, Body]

TOXICS = {
    "latency": {"latency": 5, "jitter": 2},
    "bandwidth": {"rate": 100},
    "timeout": {"timeout": 20},
    "reset_peer": {"timeout": 10},
    "slow_close": {"delay": 10},
    "limit_data": {"bytes": 100},
    "slicer": {"average_size": 64, "size_variation": 64, "delay": 10},
    "noop": {},
    "http_status": {"status": 503, "retry_after": 1, "path": "/*"},
    "http_latency": {"latency": 5, "jitter": 5, "method": "GET"},
    "http_cut": {"bytes": 3},
    "http_garble": {"header": "Host: loket"},
    "http_lose": {"timeout": 20, "first": 3},
}
NAMES = ("a", "b", "latency_downstream")
HOLDERS = ("run-1", "run-2")
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "M-SEARCH", "x" * 300)
SEGMENTS = (
    *("", ".", "..", "%", "%ff", "%00", "%2F", "a%0d%0ab", "{proxy}", "?", "#", "\xe9"),
    *("x" * 5_000, "toxics", "*"),
)
TEXTS = (
    *("", " ", "\0", "é" * 50, "\ud800", "x" * 50_000, "%s%n", "null", "*", "/**", "[a-", "X: y\r\nZ: q", "\u0663"),
    *("..", ":0", ":", "[", "[::1]:0", "::1:0", "localhost:0", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:-1"),
    *("127.0.0.1:\u0663", "127.0.0.1", "0.0.0.0:0", "UPSTREAM", "Downstream", "latency", "http_status", "GET"),
)
NUMBERS = (
    *(0, 1, -1, 99, 100, 204, 304, 999, 1_000, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, -(2**63), 10**30, -(10**400)),
    *(0.5, -0.5, 1e-320, 1e38, 1e39, 1e308),
)
OTHERS: tuple[Body, ...] = (None, True, False, [], {}, [[]], {"": None}, {"holder": "run-1", "ttl_ms": 1}, ["a", 1, {}])
LITERALS = (
    *(b"NaN", b"-Infinity", b"1e999", b"-", b"9" * 5_000, b"'", b"\xef\xbb\xbf"),
    *(b'"\xff\xfe"', b'"\\ud800"', b'"\\u12"'),
)
NESTINGS = ((b"[", 50_000), (b'{"name":', 20_000), (b"[[{", 900))
LENGTHS = (b"-1", b"+5", b"0x5", b"5 5", b"1e3", b"", b"\xb2", b"9" * 13, b"1048577", b"999999999999", b"0", b"3")


@dataclass(frozen=True)
class Packet:
    """Bytes to send. `answers` is how many must come back; None where that is for the engine to say."""

    data: bytes
    answers: int | None


class Calls:
    """An endless stream of packets about the links, a map from the proxy's name to where it listens and leads."""

    def __init__(self, rng: Random, links: dict[str, tuple[str, str]]) -> None:
        self._rng = rng
        self._links = links
        self._packed: tuple[Callable[[bytes], bytes], ...] = (
            self._cut,
            self._changed,
            self._grown,
            self._other_length,
            self._in_chunks,
            self._other_head,
        )

    def packet(self) -> Packet:
        """One to eight calls in one packet, or a single one that is packed wrongly."""
        fate = self._rng.random()
        if fate < 0.2:
            return Packet(self._rng.choice(self._packed)(pack(*self._spoken())), None)
        number = 1 if fate < 0.9 else self._rng.randint(2, 8)
        return Packet(b"".join(pack(*self._spoken()) for _ in range(number)), number)

    def _spoken(self) -> tuple[str, str, bytes]:
        """Method, path and body; the body's length will be right whatever it says."""
        method, path, body = self._right()
        if self._rng.random() < 0.1:
            method = self._rng.choice(METHODS)
        if self._rng.random() < 0.1:
            path = self._other_path(path)
        if self._rng.random() < 0.4:
            body = self._other_value(body)
        text = b"" if body is None else json.dumps(body, ensure_ascii=True).encode()
        if self._rng.random() < 0.1:
            text = self._other_text(text)
        return method, path, text

    def _right(self) -> Call:
        """A call that the engine carries out, if what it is about is there."""
        rng = self._rng
        link = rng.choice(list(self._links))
        proxy, toxics, toxic = f"/proxies/{link}", f"/proxies/{link}/toxics", f"/proxies/{link}/toxics/{self._name()}"
        read: tuple[str, ...] = ("/version", "/proxies", "/metrics", "/leases", proxy, toxics, toxic)
        makers: tuple[Callable[[], Call], ...] = (
            lambda: ("GET", rng.choice(read), None),
            lambda: ("POST", "/proxies", self._proxy(link)),
            lambda: ("POST", "/populate", [self._proxy(name) for name in self._links]),
            lambda: (rng.choice(("POST", "PATCH")), proxy, self._leased({"enabled": rng.random() < 0.7})),
            lambda: ("PATCH", proxy, self._proxy(link)),
            lambda: ("POST", toxics, self._toxic()),
            lambda: ("POST", toxics, self._toxic()),
            lambda: ("POST", toxics, self._toxic()),
            lambda: (rng.choice(("POST", "PATCH")), toxic, self._toxic()),
            lambda: ("DELETE", toxic, None),
            lambda: ("DELETE", toxic, None),
            lambda: ("PUT", f"/leases/{rng.choice(HOLDERS)}", {"ttl_ms": rng.randint(1, 200)}),
            self._ending,
        )
        return rng.choice(makers)()

    def _ending(self) -> Call:
        link = self._rng.choice(list(self._links))
        method, path = self._rng.choice(
            (("POST", "/reset"), ("DELETE", f"/leases/{HOLDERS[0]}"), ("DELETE", f"/proxies/{link}"))
        )
        return method, path, None

    def _proxy(self, name: str) -> dict[str, object]:
        listen, upstream = self._links[name]
        return {"name": name, "listen": listen, "upstream": upstream, "enabled": True}

    def _toxic(self) -> dict[str, object]:
        kind = self._rng.choice(list(TOXICS))
        stream = "upstream" if not kind.startswith("http") and self._rng.random() < 0.3 else "downstream"
        body = {"name": self._name(), "type": kind, "stream": stream, "attributes": TOXICS[kind]}
        return self._leased(body | {"toxicity": self._rng.choice((0, 0.5, 1))})

    def _leased(self, body: dict[str, object]) -> dict[str, object]:
        if self._rng.random() < 0.3:
            body["lease"] = {"holder": self._rng.choice(HOLDERS), "ttl_ms": self._rng.randint(1, 200)}
        return body

    def _name(self) -> str:
        return self._rng.choice(NAMES)

    def _other_path(self, path: str) -> str:
        segments = path.split("/")[1:]
        segments[self._rng.randrange(len(segments))] = self._rng.choice(SEGMENTS)
        if self._rng.random() < 0.3:
            segments.append(self._rng.choice(SEGMENTS))
        start = "http://127.0.0.1/" if self._rng.random() < 0.1 else "/"
        return start + "/".join(segments)

    def _other_value(self, value: Body) -> Body:
        """The same value with something else in some place, at any depth."""
        if isinstance(value, dict) and value and self._rng.random() < 0.9:
            key = self._rng.choice(list(value))
            new = self._rng.choice((key, key, key.upper(), self._rng.choice(TEXTS)))
            return {**value, new: self._other_value(value[key])}
        if isinstance(value, list) and value and self._rng.random() < 0.9:
            place = self._rng.randrange(len(value))
            return [*value[:place], self._other_value(value[place]), *value[place + 1 :]]
        pool: tuple[object, ...] = self._rng.choice((TEXTS, NUMBERS, OTHERS))
        return self._rng.choice(pool)

    def _other_text(self, text: bytes) -> bytes:
        kind = self._rng.randrange(4)
        place = self._rng.randrange(len(text) + 1)
        if kind == 0:
            return text[:place]
        if kind == 1:
            opening, depth = self._rng.choice(NESTINGS)
            return opening * depth + text
        return text[:place] + self._rng.choice(LITERALS) + text[place + self._rng.randrange(3) :]

    def _cut(self, data: bytes) -> bytes:
        return data[: self._rng.randrange(len(data))]

    def _changed(self, data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(self._rng.randint(1, 6)):
            changed[self._rng.randrange(len(changed))] = self._rng.randrange(256)
        return bytes(changed)

    def _grown(self, data: bytes) -> bytes:
        place = self._rng.randrange(len(data))
        more = self._rng.choice(
            (b"\r\n\r\n", b"\0" * 40_000, b"\n", b"GET / HTTP/1.1\r\n", self._rng.randbytes(50), data)
        )
        return data[:place] + more + data[place:]

    def _other_length(self, data: bytes) -> bytes:
        lines, body = unpack(data, with_length=self._rng.random() < 0.3)
        return b"\r\n".join([*lines, b"Content-Length: " + self._rng.choice(LENGTHS), b"", body])

    def _in_chunks(self, data: bytes) -> bytes:
        lines, body = unpack(data, with_length=self._rng.random() < 0.1)
        size = b"%x" % len(body)
        size = self._rng.choice((size, size, b"1" + size, b"-1", b"fffffff", b"fffffffff", b"1;x=y", b"", b"0" * 2_000))
        end = self._rng.choice((b"\r\n0\r\n\r\n", b"\r\n0\r\nX: y\r\n\r\n", b"0\r\n\r\n", b"\r\n"))
        return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", size, body]) + end

    def _other_head(self, data: bytes) -> bytes:
        line, rest = data.split(b"\r\n", 1)
        version = self._rng.choice((b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.1 ", b"http/1.1", b""))
        header = self._rng.choice(
            (b"Expect: 100-continue", b"X: " + b"y" * 40_000, b": x", b" folded", b"X\0: y", b"User-Agent: Mozilla/5.0")
        )
        first = line.rpartition(b" ")[0] + b" " + version if self._rng.random() < 0.5 else b"HEAD" + line
        return b"\r\n".join((first, header, rest))


def unpack(data: bytes, with_length: bool) -> tuple[list[bytes], bytes]:
    """The lines of a request's head, with that of its length or without, and its body."""
    head, _, body = data.partition(b"\r\n\r\n")
    return [line for line in head.split(b"\r\n") if with_length or not line.startswith(b"Content-Length")], body


def pack(method: str, path: str, body: bytes) -> bytes:
    """A request whose length is right."""
    target = quote(path, safe="/:%?#{}*\xe9", encoding="latin-1", errors="replace")
    head = f"{method} {target} HTTP/1.1\r\nHost: loket\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("latin-1") + body
