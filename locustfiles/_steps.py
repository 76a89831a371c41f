"""The steps of every journey: what each call is named in the journal, and which answers are right.

A refusal that stands here is an answer, any other one is an error.
"""

from datetime import datetime

import msgspec

from loket.load.answers import Reply, Step
from loket.load.call import Call


class Registered(Reply, frozen=True):
    """`otp_expires_at` is there where the service has mailed a code that must be confirmed."""

    otp_expires_at: str | None = None


class Session(Reply, frozen=True):
    token: str = ""


class Mail(msgspec.Struct, frozen=True):
    body: str


class Mails(Reply, frozen=True):
    """The newest first."""

    mails: tuple[Mail, ...] = ()


class Slot(msgspec.Struct, frozen=True):
    """`open`: its release has opened, as far as the service says."""

    slot: str
    free: int
    date: str = ""
    open: bool = True


class Availability(Reply, frozen=True):
    slots: tuple[Slot, ...] = ()


class Draft(msgspec.Struct, frozen=True):
    application_id: str
    state: str = ""


class Drafts(Reply, frozen=True):
    """Everything that the account has applied for."""

    applications: tuple[Draft, ...] = ()


class Missing(Reply, frozen=True):
    """Kinds of document still to come; None where the service does not say."""

    missing: tuple[str, ...] | None = None


class Code(Reply, frozen=True):
    amount_idr: int = 0


class Turn(Reply, frozen=True):
    """A ticket of the waiting room."""

    ticket: str = ""
    admitted: bool = False
    retry_after_s: float = 1.0


class Granted(Reply, frozen=True):
    """How many may move."""

    applications: int = 0


class Reading(Reply, frozen=True):
    """What the service's clock shows, and how many times as fast as the wall clock it runs."""

    now: datetime | None = None
    scale: float = 1.0


class AppointmentPass(Reply, frozen=True):
    """What is shown at the office, and the day on which it is good."""

    pass_code: str = ""
    date: str = ""


_CREATED, _FINE = frozenset({201}), frozenset({200})
# What stands between a person and a place.
OF_PLACES = frozenset({"slot_full", "sold_out", "not_open"})

REGISTER = Step("register", _CREATED, frozenset({"account_exists"}), reply=Registered)
READ_MAIL = Step("read_mail", _FINE, reply=Mails, read=True)
VERIFY_EMAIL = Step("verify_email", _FINE, frozenset({"otp_wrong", "otp_expired"}))
RESEND_CODE = Step("resend_code", frozenset({202}))
LOGIN = Step("login", _CREATED, frozenset({"not_verified"}), reply=Session)
DRAFT = Step("draft", _CREATED)
APPLICATIONS = Step("applications", _FINE, reply=Drafts, read=True)
VERIFY_NIK = Step("verify_nik", _FINE, frozenset({"identity_invalid"}))
UPLOAD_DOCUMENT = Step("upload_document", _CREATED, reply=Missing)
# Of somebody who takes another file for their scan: to anybody else this refusal is an error.
UPLOAD_WRONG_FILE = Step("upload_document", _CREATED, frozenset({"not_a_jpeg", "unsupported_type"}), reply=Missing)
REFERRAL = Step("referral", _FINE)
AVAILABILITY = Step("availability", _FINE, reply=Availability, read=True)
HOLD_SLOT = Step("hold_slot", _CREATED, OF_PLACES | {"queue_first"})
JOIN_QUEUE = Step("join_queue", frozenset({200, 201}), reply=Turn)
SEE_QUEUE = Step("see_queue", _FINE, reply=Turn, read=True)
REQUEST_BILLING = Step("request_billing", frozenset({202}), frozenset({"wrong_state"}))
BILLING_CODE = Step("billing_code", frozenset({200, 202}), frozenset({"billing_failed"}), reply=Code, read=True)
PAY = Step("pay", frozenset({201, 202}), frozenset({"bill_void", "payment_refused"}))
STATUS = Step("status", _FINE, read=True)
# A day passes while somebody chooses: then it is too late to move, or to give back what has meanwhile expired.
RESCHEDULE = Step("reschedule", _FINE, OF_PLACES | {"too_late", "wrong_state"})
GRANT_MOVES = Step("grant_moves", _CREATED, reply=Granted)
CANCEL = Step("cancel", _FINE, frozenset({"wrong_state"}))
DELIVERY = Step("delivery", _FINE, frozenset({"wrong_state"}))
ARRIVAL_PASS = Step("arrival_pass", _FINE, frozenset({"wrong_state"}), reply=AppointmentPass, read=True)
ARRIVAL_PASS_PICTURE = Step("arrival_pass_picture", _FINE, frozenset({"wrong_state"}), read=True, picture=True)
APAPO_TICKET = Step("apapo_ticket", _CREATED, OF_PLACES | {"identity_invalid"})
WALK_IN = Step("walk_in", _CREATED, frozenset({"sold_out", "identity_invalid"}))
# SIMKIM: an office that has not heard of a case yet, a day that is over, a printer that does not print.
_NOT_YET = frozenset({"unknown_case"})
BAP = Step("bap", _FINE, _NOT_YET)
CHECK_IN = Step("check_in", _FINE, _NOT_YET | {"wrong_day"})
BIOMETRICS = Step("biometrics", _FINE)
INTERVIEW = Step("interview", _FINE)
COMPLETION = Step("completion", _FINE, frozenset({"too_late"}))
ADJUDICATION = Step("adjudication", _FINE)
PRINT = Step("print", _FINE, frozenset({"no_blanks", "printing_down"}))
HAND_OVER = Step("hand_over", _FINE, frozenset({"too_late"}))
SHIPMENT = Step("shipment", _FINE)
OFFICES = Step("offices", _FINE, read=True)
FEES = Step("fees", _FINE, read=True)
REQUIREMENTS = Step("requirements", _FINE, read=True)
CALENDAR = Step("calendar", _FINE, read=True)
CLOCK = Step("clock", _FINE, reply=Reading, read=True)
OPEN_RELEASE = Step("open_release", _CREATED)


def read_clock() -> Call:
    """What time it is at the service."""
    return Call(CLOCK, "GET", "/v1/clock")
