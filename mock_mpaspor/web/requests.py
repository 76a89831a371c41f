"""What views read from a request: who calls, which trace it belongs to, its body; and how they answer."""

import hmac
import re
from typing import TypeVar

import msgspec
from flask import Response, request

from mock_mpaspor.decoders import decoder
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.web.bodies import LARGEST_JSON, Readers, decode
from mock_mpaspor.web.parts import parts

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()
# A later version may have more fields; an id of zeros means that there is none.
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


def caller() -> str:
    """The account whose session token the request carries. Raises Refusal(UNAUTHENTICATED)."""
    return parts().sessions.account_id(bearer())


def require_token(expected: str) -> None:
    """Raise Refusal(WRONG_TOKEN) unless the request carries `expected`; an empty one opens to nobody."""
    if not expected or not hmac.compare_digest(bearer().encode(), expected.encode()):
        raise Refusal(ErrorCode.WRONG_TOKEN)


def bearer() -> str:
    """The request's bearer token, empty where it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def trace_id() -> str | None:
    """The trace id of the W3C `traceparent` header; None where it is absent or malformed."""
    found = _TRACEPARENT.match(request.headers.get("traceparent", ""))
    return found["trace_id"] if found else None


def idempotency_key() -> str:
    """The request's Idempotency-Key. Raises Refusal(INVALID) where it is absent, too long, or no plain text."""
    key = request.headers.get("Idempotency-Key", "")
    if not (0 < len(key) <= 200 and key.isprintable()):
        raise Refusal(ErrorCode.INVALID, "An Idempotency-Key of 1 to 200 printable characters is needed.")
    return key


def body(kind: type[T]) -> T:
    """The JSON body as a `kind`. Raises Refusal(INVALID), whose message names the field."""
    return decode(raw_body(parts().entrances.small, LARGEST_JSON), kind)


def raw_body(readers: Readers, largest: int) -> bytes:
    """The bytes of a body, as they were sent.

    Raises Refusal(TOO_LARGE) for more than `largest`, whether or not its length was told; Refusal(BUSY).
    """
    with readers.place():
        return _read(largest)


def _read(largest: int) -> bytes:
    # Of a body without a length no more than the maximum is read, and nobody is told: so one byte more is asked for.
    request.max_content_length = largest + 1
    content = request.get_data()
    if len(content) > largest:
        raise Refusal(ErrorCode.TOO_LARGE)
    return content


def query(kind: type[T]) -> T:
    """The query parameters as a `kind`, the first where one is repeated. Raises Refusal(INVALID), naming the field."""
    try:
        decoder(kind)  # so that the type is known, and by one thread
        return msgspec.convert(request.args.to_dict(), kind, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(ErrorCode.INVALID, str(error)) from error


def answer(content: object, status: int = 200) -> Response:
    """`content` as JSON."""
    return Response(_ENCODER.encode(content), status, content_type="application/json")


def answer_json(text: str, status: int) -> Response:
    """A body that is JSON already: a stored answer."""
    return Response(text, status, content_type="application/json")
