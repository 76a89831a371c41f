"""Which requests an HTTP toxic is about: by method, path and header, and only so many of them."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from chaos.engine.toxics.settings import Settings
from chaos.engine.traffic.head import Head


@dataclass(frozen=True)
class HttpSettings(Settings):
    """Empty matches everything. `first` is how many requests are touched at most, on all connections; 0 is no limit.

    `path` may have `*` for one segment and end in `/**` for whatever follows; `header` is `Name` or `Name: value`.
    """

    method: str = ""
    path: str = ""
    header: str = ""
    first: int = 0

    def matches(self, head: Head) -> bool:
        """Whether the request is one of those.

        >>> request = Head(("POST", "/v1/applications/7/hold?x=1", "HTTP/1.1"), {"x-office": "batam"})
        >>> HttpSettings(path="/v1/applications/*/hold").matches(request)
        True
        >>> HttpSettings(path="/v1/*/hold").matches(request), HttpSettings(path="/v1/**").matches(request)
        (False, True)
        >>> HttpSettings(method="GET").matches(request), HttpSettings(header="X-Office: batam").matches(request)
        (False, True)
        """
        return (
            (not self.method or self.method.upper() == head.method)
            and (not self.path or _leads_along(self.path, head.path))
            and (not self.header or _carries(head, self.header))
        )


def _leads_along(pattern: str, path: str) -> bool:
    wanted, found = pattern.split("/"), path.split("/")
    if wanted[-1] == "**":
        wanted, found = wanted[:-1], found[: len(wanted) - 1]
    return len(wanted) == len(found) and all(map(fnmatchcase, found, wanted))


def _carries(head: Head, header: str) -> bool:
    name, colon, value = header.partition(":")
    found = head.headers.get(name.strip().lower())
    return found is not None and (not colon or found == value.strip())
