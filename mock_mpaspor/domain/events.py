"""The audit trail's vocabulary: one event a thing that happened, written in the transaction that did it."""

from dataclasses import dataclass
from enum import StrEnum


class EventType(StrEnum):
    """What can happen; docs/mpaspor-api.md says which fields go with each."""

    SLOT_OPENED = "slot_opened"
    APPLICATION_CREATED = "application_created"
    IDENTITY_VERIFIED = "identity_verified"
    DOCUMENT_STORED = "document_stored"
    DOCUMENTS_COMPLETE = "documents_complete"
    HELD = "held"
    RELEASED = "released"
    BILLING_REQUESTED = "billing_requested"
    BILL_ATTEMPT_FAILED = "bill_attempt_failed"
    BILL_ISSUED = "bill_issued"
    BILLING_FAILED = "billing_failed"
    CODE_SHOWN = "code_shown"
    EXPIRED = "expired"
    PAID = "paid"
    LATE_PAYMENT = "late_payment"
    REFUND_ORDERED = "refund_ordered"
    REFUNDED = "refunded"
    DUPLICATE_CALLBACK = "duplicate_callback"
    CANCELLED = "cancelled"
    FORFEITED = "forfeited"
    MOVE_GRANTED = "move_granted"
    REINSTATED = "reinstated"
    REFERRED = "referred"
    REFERRAL_APPROVED = "referral_approved"
    REJECTED = "rejected"
    CHECKED_IN = "checked_in"
    FILE_INCOMPLETE = "file_incomplete"
    INTERVIEWED = "interviewed"
    ADJUDICATION = "adjudication"
    PRINTING = "printing"
    READY = "ready"
    COLLECTED = "collected"
    SHIPPED = "shipped"
    QUEUE_JOINED = "queue_joined"
    QUEUE_ADMITTED = "queue_admitted"


class Reason(StrEnum):
    """Why: of `released`, `paid`, `cancelled`, `forfeited`, and of a `held` that nobody asked to pay for anew."""

    EXPIRED = "expired"
    HOLD_LAPSED = "hold_lapsed"
    BILLING_FAILED = "billing_failed"
    ON_TIME = "on_time"
    LATE_HONOURED = "late_honoured"
    LATE_PAYMENT = "late_payment"
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    APAPO = "apapo"
    NO_SHOW = "no_show"
    INCOMPLETE = "incomplete"
    UNCOLLECTED = "uncollected"


class AttemptFailure(StrEnum):
    """Why an attempt to get a billing code failed. `rejected` is an answer that no retry can change."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    HTTP_5XX = "http_5xx"
    BREAKER_OPEN = "breaker_open"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the feed before the database numbers and stamps it."""

    type: EventType
    application_id: str | None = None
    applicant: str | None = None
    slot: str | None = None
    capacity: int | None = None
    key: str | None = None
    billing_code: str | None = None
    amount_idr: int | None = None
    ntpn: str | None = None
    trace_id: str | None = None
    reason: str | None = None
    office: str | None = None
    position: int | None = None
    attempt: int | None = None
