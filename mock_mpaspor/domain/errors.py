"""Every error of the service in one table: its code, HTTP status, whether it is definite, and its message.

Definite means that the request had no effect and never will; only such an answer may be counted as a failure.
"""

from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    """The `code` of an error answer."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    WRONG_CREDENTIALS = "wrong_credentials"
    WRONG_TOKEN = "wrong_token"
    ACCOUNT_EXISTS = "account_exists"
    UNKNOWN_ROUTE = "unknown_route"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNKNOWN_OFFICE = "unknown_office"
    UNKNOWN_APPLICATION = "unknown_application"
    WRONG_STATE = "wrong_state"
    IDENTITY_INVALID = "identity_invalid"
    DUKCAPIL_UNAVAILABLE = "dukcapil_unavailable"
    TOO_LARGE = "too_large"
    UNSUPPORTED_TYPE = "unsupported_type"
    NOT_A_JPEG = "not_a_jpeg"
    NOT_OPEN = "not_open"
    SLOT_FULL = "slot_full"
    SOLD_OUT = "sold_out"
    ALREADY_BOOKED = "already_booked"
    KEY_REUSED = "key_reused"
    BILLING_FAILED = "billing_failed"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_CODE = "unknown_code"
    WRONG_AMOUNT = "wrong_amount"
    NOT_VERIFIED = "not_verified"
    OTP_WRONG = "otp_wrong"
    OTP_EXPIRED = "otp_expired"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TOO_MANY_APPLICANTS = "too_many_applicants"
    NOT_ELIGIBLE = "not_eligible"
    INTERVIEW_FIRST = "interview_first"
    WRONG_LANE = "wrong_lane"
    TOO_LATE = "too_late"
    ALREADY_RESCHEDULED = "already_rescheduled"
    QUEUE_FIRST = "queue_first"
    UNKNOWN_TICKET = "unknown_ticket"
    OVERLOADED = "overloaded"
    BUSY = "busy"
    INTERNAL = "internal"


@dataclass(frozen=True)
class ErrorRow:
    """One row of the table."""

    status: int
    definite: bool
    message: str


ERRORS: dict[ErrorCode, ErrorRow] = {
    ErrorCode.INVALID: ErrorRow(422, True, "The request is not as the contract asks."),
    ErrorCode.UNAUTHENTICATED: ErrorRow(401, True, "A valid session token is needed."),
    ErrorCode.WRONG_CREDENTIALS: ErrorRow(401, True, "No account has this e-mail address and password."),
    ErrorCode.WRONG_TOKEN: ErrorRow(401, True, "This token does not open this door."),
    ErrorCode.ACCOUNT_EXISTS: ErrorRow(409, True, "An account with this e-mail address exists."),
    ErrorCode.UNKNOWN_ROUTE: ErrorRow(404, True, "There is no such route."),
    ErrorCode.METHOD_NOT_ALLOWED: ErrorRow(405, True, "The route does not know this method."),
    ErrorCode.UNKNOWN_OFFICE: ErrorRow(404, True, "There is no such office."),
    ErrorCode.UNKNOWN_APPLICATION: ErrorRow(404, True, "You have no such application."),
    ErrorCode.WRONG_STATE: ErrorRow(409, True, "The application is not in a state that allows this."),
    ErrorCode.IDENTITY_INVALID: ErrorRow(422, True, "Identitas Tidak Valid."),
    ErrorCode.DUKCAPIL_UNAVAILABLE: ErrorRow(503, True, "The civil registry does not answer; try again."),
    ErrorCode.TOO_LARGE: ErrorRow(413, True, "The document is larger than the service accepts."),
    ErrorCode.UNSUPPORTED_TYPE: ErrorRow(415, True, "Documents are sent as image/jpeg."),
    ErrorCode.NOT_A_JPEG: ErrorRow(422, True, "The document is not a whole JPEG image."),
    ErrorCode.NOT_OPEN: ErrorRow(409, True, "The quota of this office is not open yet."),
    ErrorCode.SLOT_FULL: ErrorRow(409, True, "This slot is full; another may have a place."),
    ErrorCode.SOLD_OUT: ErrorRow(409, True, "Every place of this office is taken."),
    ErrorCode.ALREADY_BOOKED: ErrorRow(409, True, "This applicant has a live booking."),
    ErrorCode.KEY_REUSED: ErrorRow(422, True, "This Idempotency-Key belongs to another request."),
    ErrorCode.BILLING_FAILED: ErrorRow(410, True, "No billing code could be had; the place was given back."),
    ErrorCode.BAD_SIGNATURE: ErrorRow(401, True, "The signature is wrong, or its time out of range."),
    ErrorCode.UNKNOWN_CODE: ErrorRow(404, True, "No application has this billing code."),
    ErrorCode.WRONG_AMOUNT: ErrorRow(422, True, "The amount is not the amount of the bill."),
    ErrorCode.NOT_VERIFIED: ErrorRow(403, True, "The e-mail address of this account is not confirmed yet."),
    ErrorCode.OTP_WRONG: ErrorRow(422, True, "This is not the code that was sent."),
    ErrorCode.OTP_EXPIRED: ErrorRow(410, True, "The code has expired; ask for another."),
    ErrorCode.TOO_MANY_ATTEMPTS: ErrorRow(429, True, "Too many attempts; wait before the next."),
    ErrorCode.TOO_MANY_APPLICANTS: ErrorRow(409, True, "An account applies for five people at most."),
    ErrorCode.NOT_ELIGIBLE: ErrorRow(422, True, "This applicant is not entitled to what is asked for."),
    ErrorCode.INTERVIEW_FIRST: ErrorRow(409, True, "An interview at the office comes before the booking."),
    ErrorCode.WRONG_LANE: ErrorRow(409, True, "This slot does not serve such an application."),
    ErrorCode.TOO_LATE: ErrorRow(409, True, "An appointment is moved at the latest on the day before."),
    ErrorCode.ALREADY_RESCHEDULED: ErrorRow(409, True, "An appointment is moved once."),
    ErrorCode.QUEUE_FIRST: ErrorRow(409, True, "The waiting room has not let you in yet."),
    ErrorCode.UNKNOWN_TICKET: ErrorRow(404, True, "The waiting room has given out no such ticket."),
    ErrorCode.OVERLOADED: ErrorRow(429, True, "Too many people at once; nothing was done, try again shortly."),
    ErrorCode.BUSY: ErrorRow(503, True, "The database is busy; nothing was done."),
    ErrorCode.INTERNAL: ErrorRow(500, False, "Something went wrong; the request may have had an effect."),
}


class Refusal(Exception):
    """A request that the service does not grant; `row` says how it is answered.

    `retry_after_s` is when asking again makes sense, where that is known.
    """

    def __init__(self, code: ErrorCode, message: str = "", retry_after_s: float | None = None) -> None:
        self.code = code
        self.retry_after_s = retry_after_s
        self.row = ERRORS[code]
        self.message = message or self.row.message
        super().__init__(f"{code}: {self.message}")
