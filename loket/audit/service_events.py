"""The service's events: their names, and the fields that each of them cannot be without."""

from enum import StrEnum

from loket.audit.sources import Unreadable
from loket.records import Event


class EventType(StrEnum):
    """Events that the audit reads; the feed may hold others (docs/mpaspor-api.md)."""

    SLOT_OPENED = "slot_opened"
    HELD = "held"
    RELEASED = "released"
    BILLING_REQUESTED = "billing_requested"
    BILL_ATTEMPT_FAILED = "bill_attempt_failed"
    BILL_ISSUED = "bill_issued"
    BILLING_FAILED = "billing_failed"
    CODE_SHOWN = "code_shown"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    PAID = "paid"
    LATE_PAYMENT = "late_payment"
    REFUND_ORDERED = "refund_ordered"
    REFUNDED = "refunded"


# A booking's life: what places and codes depend on.
BOOKING = frozenset(
    {
        EventType.HELD,
        EventType.RELEASED,
        EventType.BILLING_REQUESTED,
        EventType.BILL_ATTEMPT_FAILED,
        EventType.BILL_ISSUED,
        EventType.BILLING_FAILED,
        EventType.EXPIRED,
        EventType.CANCELLED,
        EventType.PAID,
    }
)
# What became of money.
MONEY = frozenset(
    {
        EventType.BILL_ISSUED,
        EventType.EXPIRED,
        EventType.RELEASED,
        EventType.LATE_PAYMENT,
        EventType.PAID,
        EventType.REFUND_ORDERED,
        EventType.REFUNDED,
    }
)


def application_of(event: Event) -> str:
    """The event's application. Raises Unreadable if it has none."""
    return _required(event, "application_id", event.application_id)


def slot_of(event: Event) -> str:
    """The event's slot. Raises Unreadable if it has none."""
    return _required(event, "slot", event.slot)


def code_of(event: Event) -> str:
    """The event's billing code. Raises Unreadable if it has none."""
    return _required(event, "billing_code", event.billing_code)


def capacity_of(event: Event) -> int:
    """The event's capacity in places. Raises Unreadable if it has none."""
    if event.capacity is None:
        raise _incomplete(event, "capacity")
    return event.capacity


def _required(event: Event, field: str, value: str | None) -> str:
    if value is None:
        raise _incomplete(event, field)
    return value


def _incomplete(event: Event, field: str) -> Unreadable:
    return Unreadable(f"events.ndjson, event {event.seq}: {event.type} without {field}")
