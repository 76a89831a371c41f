"""The hops between the processes, carried by the fault engine: how a test makes one slow, silent or gone, and well."""

from http import HTTPStatus

import urllib3

SLOW_MS = 300


class Links:
    """The engine whose control answers at `url`. What is wrong with a link is taken away by `heal`, all of it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(retries=False, timeout=10.0)
        self._names: set[str] = set()

    def open(self, name: str, upstream: str) -> str:
        """Carry a hop to `upstream`; where callers find it, both as `host:port`."""
        made = self._call("POST", "/proxies", {"name": name, "listen": "127.0.0.1:0", "upstream": upstream})
        self._names.add(name)
        return str(made["listen"])

    def slow(self, name: str, ms: int = SLOW_MS) -> None:
        """Every answer comes later."""
        self._toxic(name, {"type": "latency", "attributes": {"latency": ms}})

    def silent(self, name: str) -> None:
        """Connections are taken and what is asked arrives; no answer ever comes back."""
        self._toxic(name, {"type": "timeout", "attributes": {"timeout": 0}})

    def gone(self, name: str) -> None:
        """Connections end, and new ones are refused."""
        self._call("POST", f"/proxies/{name}", {"enabled": False})

    def heal(self, name: str) -> None:
        """The link is as it was made."""
        for toxic in self._call("GET", f"/proxies/{name}/toxics"):
            self._call("DELETE", f"/proxies/{name}/toxics/{toxic['name']}")
        self._call("POST", f"/proxies/{name}", {"enabled": True})

    def heal_all(self) -> None:
        for name in self._names:
            self.heal(name)

    def close(self) -> None:
        self._http.clear()

    def _toxic(self, name: str, toxic: dict[str, object]) -> None:
        self._call("POST", f"/proxies/{name}/toxics", {"name": "outage", "stream": "downstream", **toxic})

    def _call(self, method: str, path: str, body: object = None):
        asked = {} if body is None else {"json": body}
        answer = self._http.request(method, self._url + path, **asked)
        assert answer.status < HTTPStatus.BAD_REQUEST, answer.data
        return answer.json() if answer.data else None
