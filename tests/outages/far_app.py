"""Flask's test client, spoken over a socket: the verbs of tests/service work on a process as on an app in memory."""

import json as text_of
from dataclasses import dataclass
from urllib.parse import urlencode

import urllib3

# Longer than any answer may take: a test that gets none fails with it.
PATIENCE_S = 40.0


@dataclass(frozen=True)
class FarAnswer:
    """An answer as Flask's test client shows it, as far as the verbs look."""

    status_code: int
    data: bytes
    headers: urllib3.HTTPHeaderDict

    @property
    def text(self) -> str:
        return self.data.decode()

    @property
    def json(self):
        return text_of.loads(self.data)

    @property
    def code(self) -> str:
        """Which refusal it is; empty for a success."""
        return str(self.json["error"]["code"]) if self.status_code >= 400 else ""


class FarApp:
    """The service that listens at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager(retries=False, timeout=PATIENCE_S, maxsize=64)

    def test_client(self) -> "FarApp":
        return self

    def open(self, path: str, method: str = "GET", headers=None, json=None, data=None, content_type=None, **rest):
        headers = dict(headers or {})
        if json is not None:
            data, content_type = text_of.dumps(json), "application/json"
        if content_type:
            headers["Content-Type"] = content_type
        if query := rest.get("query_string"):
            path += f"?{urlencode(query)}"
        answer = self._http.request(method, self._url + path, body=data, headers=headers, redirect=False)
        return FarAnswer(answer.status, answer.data, answer.headers)

    def get(self, path: str, **rest):
        return self.open(path, **rest)

    def post(self, path: str, **rest):
        return self.open(path, "POST", **rest)

    def close(self) -> None:
        self._http.clear()
