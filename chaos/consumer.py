"""toxiproxy-python's API consumer, hardened.

The library waits for ever, takes 500, 503 and 403 for success, lets HTTP_PROXY lead it away, and keeps host and port
on one class for all. Here every server has a class of its own, and every failure is a `NetworkError`.
"""

from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec
import requests
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists
from urllib3.exceptions import MaxRetryError, NewConnectionError

from chaos.errors import Refused, Unreachable

STATUS_OF_ERROR = {InvalidToxic: 400, NotFound: 404, ProxyExists: 409}
# The control of a network under test must not leave by a proxy that the environment names.
NO_PROXY = {"http": ""}


class _Reason(msgspec.Struct):
    error: str


_REASONS = msgspec.json.Decoder(_Reason)


class Consumer(APIConsumer):  # type: ignore[misc]  # the library is untyped
    """One server's API. Make one with `consumer_of`; every method raises `Unreachable` or `Refused`."""

    timeout_s: ClassVar[float]

    @classmethod
    def url(cls) -> str:
        return f"http://{cls.host}:{cls.port}"

    @classmethod
    def get(cls, url: str, params: None = None, **options: Any) -> requests.Response:
        return cls._repeated(super().get, url, params=params, **options)

    @classmethod
    def post(cls, url: str, data: None = None, json: object = None, **options: Any) -> requests.Response:
        return cls._guarded(super().post, url, data=data, json=json, **options)

    @classmethod
    def delete(cls, url: str, **options: Any) -> requests.Response:
        return cls._repeated(super().delete, url, **options)

    @classmethod
    def put(cls, url: str, json: object, **options: Any) -> requests.Response:
        """The verb that the library lacks."""
        return cls._repeated(requests.put, cls.url() + url, json=json, **options)

    @classmethod
    def _repeated(cls, send: Callable[..., requests.Response], url: str, **options: Any) -> requests.Response:
        """For what has the same effect twice: once more where the connection broke, at once, before an answer."""
        try:
            return cls._guarded(send, url, **options)
        except Unreachable as error:
            if error.definite or isinstance(error.__cause__, requests.Timeout):
                raise
        return cls._guarded(send, url, **options)

    @classmethod
    def _guarded(cls, send: Callable[..., requests.Response], url: str, **options: Any) -> requests.Response:
        options = {"timeout": cls.timeout_s, "proxies": NO_PROXY, "allow_redirects": False} | options
        try:
            response = send(url, **options)
        except tuple(STATUS_OF_ERROR) as error:
            raise Refused(STATUS_OF_ERROR[type(error)], _reason(error.args[0])) from None
        except requests.RequestException as error:
            raise Unreachable(cls.url(), _cause(error), definite=_never_connected(error)) from error
        if not 200 <= response.status_code < 300:
            raise Refused(response.status_code, _reason(response.content))
        return response


def consumer_of(url: str, timeout_s: float) -> type[Consumer]:
    """A consumer for the server at `url` (`http://host:port`), each call bounded by `timeout_s` to connect and to read.

    Raises ValueError for any other form of URL.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or not parts.port or parts.path.strip("/"):
        raise ValueError(f"expected the fault engine's address as http://host:port, found {url!r}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return type("Consumer", (Consumer,), {"host": host, "port": parts.port, "timeout_s": timeout_s})


def _reason(content: bytes) -> str:
    try:
        return _REASONS.decode(content).error
    except msgspec.MsgspecError:
        return content.decode(errors="replace").strip() or "no reason given"


def _cause(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "connection refused" if _never_connected(error) else str(error)


def _never_connected(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)
