"""Every refusal of the systems around M-Paspor in one table, and the one place that renders them."""

from dataclasses import dataclass
from enum import Enum, unique

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException


@dataclass(frozen=True)
class Row:
    """`definite`: the request had no effect and never will."""

    status: int
    definite: bool
    message: str


@unique
class Code(Enum):
    """The codes an error can carry; the name in lower case is what stands in the answer."""

    INVALID = Row(422, True, "the request is not well formed")
    WRONG_TOKEN = Row(401, True, "this door needs its token")
    REGISTRY_FAILED = Row(500, True, "the civil registry could not answer")
    UNKNOWN_CODE = Row(404, True, "no bill has this billing code")
    REFERENCE_REUSED = Row(422, True, "this reference was billed with another amount")
    NTB_REUSED = Row(422, True, "this ntb stands for another payment")
    ALREADY_PAID = Row(409, True, "the bill was paid before")
    BILL_VOID = Row(410, True, "the bill is no longer payable")
    WRONG_AMOUNT = Row(422, True, "the amount is not the bill's")
    NOT_PAID = Row(409, True, "the bill was not paid")
    WRONG_NTPN = Row(422, True, "the bill was not paid under this ntpn")
    BANK_UNAVAILABLE = Row(503, False, "the bank has not confirmed the refund; ask again")
    KEY_REUSED = Row(422, True, "this idempotency key stands for another payment")
    UNKNOWN_PAYMENT = Row(404, True, "no debit has this ntb and billing code")
    ALREADY_RETURNED = Row(409, True, "the money of this debit went back before")
    PAYMENT_REFUSED = Row(409, True, "the gateway refused; the money went back")
    UNKNOWN_CASE = Row(404, True, "the office has no such case")
    ALREADY_BEGUN = Row(409, True, "the office has begun with the case")
    WRONG_STEP = Row(409, True, "the case does not stand before this step")
    WRONG_PASS = Row(422, True, "this is not the arrival pass of the case")
    WRONG_DAY = Row(409, True, "the appointment is on another day")
    NO_BLANKS = Row(409, True, "the office has no blank of this passport left")
    PRINTING_DOWN = Row(409, True, "printing is out of order")
    TOO_LATE = Row(409, True, "the time for this step has passed")

    @property
    def word(self) -> str:
        return self.name.lower()


class Refusal(Exception):
    """Raised by a use case, rendered by `install`; `word` replaces the code's own where another system gave it."""

    def __init__(self, code: Code, message: str | None = None, word: str | None = None) -> None:
        super().__init__(message or code.value.message)
        self.code = code
        self.word = word or code.word


class Fault(msgspec.Struct, frozen=True):
    code: str
    message: str
    definite: bool


class Problem(msgspec.Struct, frozen=True):
    """The body of every answer that is not a success."""

    error: Fault


def rendered(word: str, message: str, *, definite: bool, status: int) -> Response:
    body = msgspec.json.encode(Problem(Fault(word, message, definite)))
    return Response(body, status, mimetype="application/json")


def install(app: Flask) -> None:
    """Render refusals, wrong routes and defects of our own alike."""

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        row = error.code.value
        return rendered(error.word, str(error), definite=row.definite, status=row.status)

    @app.errorhandler(HTTPException)
    def misdirected(error: HTTPException) -> Response:
        status = error.code or 500
        return rendered(error.name.lower().replace(" ", "_"), error.name, definite=status < 500, status=status)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        app.logger.error("%s %s failed", request.method, request.url_rule, exc_info=error)
        return rendered("internal", "the system failed", definite=False, status=500)
