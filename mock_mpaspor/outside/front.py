"""What every system around M-Paspor shows: its health, its metrics, its errors, and a feed behind a token."""

import hmac
import re
from collections.abc import Iterable
from typing import TypeVar

import msgspec
from flask import Flask, Response, request
from prometheus_client import CollectorRegistry
from werkzeug.exceptions import RequestEntityTooLarge

from mock_mpaspor.decoders import decoder
from mock_mpaspor.outside import errors, metrics
from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.settings import Front

T = TypeVar("T")
# No body of these systems comes near it.
LARGEST_BODY_BYTES = 64 * 1024
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Health(msgspec.Struct, frozen=True):
    name: str
    instance: str


def open_front(name: str, front: Front, registry: CollectorRegistry) -> Flask:
    """A Flask app with everything the systems share; routes are added to it."""
    app = Flask(f"mock_mpaspor.outside.{name}", static_folder=None)
    app.url_map.merge_slashes = False
    # Of a body without a length no more than this is read: a byte past the limit tells that there was more.
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES + 1
    errors.install(app)
    metrics.install(app, name, registry)

    @app.get("/healthz")
    def healthz() -> Response:
        return answer(Health(name, front.instance))

    return app


def read_body(kind: type[T]) -> T:
    """The request's JSON body; Refusal(INVALID) where it is not a `kind`."""
    raw = request.get_data()
    if len(raw) > LARGEST_BODY_BYTES:
        raise RequestEntityTooLarge
    try:
        return decoder(kind).decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(Code.INVALID, str(error)) from error
    except RecursionError as error:
        raise Refusal(Code.INVALID, "the body is nested too deeply") from error


def answer(body: msgspec.Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, mimetype="application/json")


def answer_feed(lines: Iterable[bytes], front: Front) -> Response:
    """The lines as NDJSON, for who shows the feed's token; Refusal otherwise."""
    require_bearer(front.token)
    return Response(lines, mimetype="application/x-ndjson")


def require_bearer(token: str) -> None:
    """Raise Refusal(WRONG_TOKEN) where the request does not show this door's token; an empty one lets nobody in."""
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(shown.encode(), token.encode()):
        raise Refusal(Code.WRONG_TOKEN)


def traceparent() -> str | None:
    """The request's W3C trace context, to be passed on; one that is malformed is dropped."""
    shown = request.headers.get("traceparent", "")
    return shown if TRACEPARENT.fullmatch(shown) else None


def tracing(context: str | None) -> dict[str, str]:
    """The headers that pass a trace context on."""
    return {} if context is None else {"traceparent": context}
