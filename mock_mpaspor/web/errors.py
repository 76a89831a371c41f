"""Every error of the service is rendered here, from the one table of domain/errors.py."""

import logging
from math import ceil

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, NotFound, RequestEntityTooLarge

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.web.requests import answer

LOG = logging.getLogger(__name__)


class ErrorDetail(msgspec.Struct, frozen=True):
    """Which row of the table this is. `definite`: the request had no effect and never will."""

    code: ErrorCode
    message: str
    definite: bool


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The body of every answer that is no success."""

    error: ErrorDetail


def install(app: Flask) -> None:
    """Render refusals, unknown routes and everything unforeseen."""
    app.register_error_handler(Refusal, render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_unforeseen)


def render(refusal: Refusal) -> Response:
    """The refusal as the contract has it."""
    error = ErrorDetail(refusal.code, refusal.message, refusal.row.definite)
    response = answer(ErrorAnswer(error), refusal.row.status)
    if refusal.retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, ceil(refusal.retry_after_s)))
    return response


def _render_http(error: HTTPException) -> Response:
    if isinstance(error, NotFound):
        return render(Refusal(ErrorCode.UNKNOWN_ROUTE))
    if isinstance(error, MethodNotAllowed):
        return _render_method(error)
    if isinstance(error, RequestEntityTooLarge):
        return render(Refusal(ErrorCode.TOO_LARGE))
    # Flask wraps in this what fails outside of a view: nobody knows what that had done.
    if isinstance(error, InternalServerError):
        return _render_unforeseen(error.original_exception or error)
    return render(Refusal(ErrorCode.INVALID, error.description or ""))


def _render_method(error: MethodNotAllowed) -> Response:
    response = render(Refusal(ErrorCode.METHOD_NOT_ALLOWED))
    response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return response


def _render_unforeseen(error: BaseException) -> Response:
    LOG.error("a request failed", exc_info=error)
    return render(Refusal(ErrorCode.INTERNAL))
