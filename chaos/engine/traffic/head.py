"""The head of a request or of an answer, as far as a fault wants to know it, and how long the body behind it is."""

from dataclasses import dataclass

CHUNKED = -1
UNTIL_CLOSE = -2
SWITCHING = 101
WITHOUT_BODY = (204, 304)


class NotHttp(Exception):
    """The bytes are no HTTP/1.1 that could be followed."""


@dataclass(frozen=True)
class Head:
    """`first` is the first line, in three words; names of headers are in lower case, the last one of a name counts."""

    first: tuple[str, str, str]
    headers: dict[str, str]

    @classmethod
    def parse(cls, head: bytes) -> "Head":
        """Of the bytes up to and with the empty line. Raises NotHttp."""
        line, *lines = head.decode("latin-1").split("\r\n")[:-2]
        words = line.split(" ", 2)
        if len(words) < 2:
            raise NotHttp
        first = words[0], words[1], words[2] if len(words) > 2 else ""
        named = (each.partition(":") for each in lines)
        return cls(first, {name.strip().lower(): value.strip(" \t") for name, _, value in named})

    @property
    def method(self) -> str:
        """Of a request."""
        return self.first[0]

    @property
    def path(self) -> str:
        """Of a request, without its query, which may say more than a log should keep."""
        return self.first[1].partition("?")[0]

    @property
    def status(self) -> int:
        """Of an answer. Raises NotHttp."""
        if not (self.first[1].isascii() and self.first[1].isdigit()):
            raise NotHttp
        return int(self.first[1])

    @property
    def trace_id(self) -> str | None:
        """Of a request that carries a W3C trace context."""
        parts = self.headers.get("traceparent", "").split("-")
        return parts[1] if len(parts) == 4 and len(parts[1]) == 32 else None

    def request_length(self) -> int:
        """Bytes of the body behind a request's head, or CHUNKED. Raises NotHttp."""
        return self._stated(otherwise=0)

    def answer_length(self, method: str) -> int:
        """Bytes of the body behind an answer's head to a request of this method, CHUNKED or UNTIL_CLOSE."""
        status = self.status
        if status == SWITCHING:
            raise NotHttp
        if method == "HEAD" or status < 200 or status in WITHOUT_BODY:
            return 0
        return self._stated(otherwise=UNTIL_CLOSE)

    def _stated(self, otherwise: int) -> int:
        if "transfer-encoding" in self.headers:
            return CHUNKED
        stated = self.headers.get("content-length")
        if stated is None:
            return otherwise
        if not (stated.isascii() and stated.isdigit()):
            raise NotHttp
        return int(stated)
