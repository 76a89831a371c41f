"""Every error of the service is rendered here, from the one table of domain/errors.py."""

import logging
from math import ceil

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.web.requests import answer

LOG = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Render refusals, unknown routes and everything unforeseen."""
    app.register_error_handler(Refusal, render)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_unforeseen)


def render(refusal: Refusal) -> Response:
    """The refusal as the contract has it."""
    error = {"code": refusal.code, "message": refusal.message, "definite": refusal.row.definite}
    response = answer({"error": error}, refusal.row.status)
    if refusal.retry_after_s is not None:
        response.headers["Retry-After"] = str(max(1, ceil(refusal.retry_after_s)))
    return response


def _render_http(error: HTTPException) -> Response:
    if isinstance(error, NotFound):
        return render(Refusal(ErrorCode.UNKNOWN_ROUTE))
    if isinstance(error, MethodNotAllowed):
        return render(Refusal(ErrorCode.METHOD_NOT_ALLOWED))
    if isinstance(error, RequestEntityTooLarge):
        return render(Refusal(ErrorCode.TOO_LARGE))
    return render(Refusal(ErrorCode.INVALID, error.description or ""))


def _render_unforeseen(error: Exception) -> Response:
    LOG.error("a request failed", exc_info=error)
    return render(Refusal(ErrorCode.INTERNAL))
