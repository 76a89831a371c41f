"""What stands on every answer: it is data and nothing else, for its reader alone, and tells nobody whence it came."""

from flask import Flask, Response, request

from mock_mpaspor.domain.errors import ErrorCode, Refusal

SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    # Nearly everything here is somebody's; what is not goes stale within a second.
    ("Cache-Control", "no-store"),
)


def install(app: Flask) -> None:
    """Put the headers on every answer, and refuse what no database keeps, before any view sees it."""
    app.before_request(_refuse_nul)
    app.after_request(_protect)


def _refuse_nul() -> None:
    if "\0" in request.path or b"%00" in request.query_string:
        raise Refusal(ErrorCode.INVALID, "A NUL is no text.")


def _protect(response: Response) -> Response:
    for name, value in SECURITY_HEADERS:
        response.headers[name] = value
    return response
