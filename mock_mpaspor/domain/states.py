"""The life of an application: its states, the moves between them, and what people are shown.

The states before INTERVIEWED are served today; the later ones belong to the back office (SIMKIM).
Labels of the first states are those that M-Paspor shows; the others are ours.
"""

from enum import StrEnum


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "DRAFT"
    NIK_VERIFIED = "NIK_VERIFIED"
    DOCS_UPLOADED = "DOCS_UPLOADED"
    SLOT_HELD = "SLOT_HELD"
    BILLING_REQUESTED = "BILLING_REQUESTED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    BILLING_FAILED = "BILLING_FAILED"
    EXPIRED = "EXPIRED"
    PAID = "PAID"
    REFUND_DUE = "REFUND_DUE"
    REFUNDED = "REFUNDED"
    CHECKED_IN = "CHECKED_IN"
    INTERVIEWED = "INTERVIEWED"
    REJECTED = "REJECTED"
    ADJUDICATION = "ADJUDICATION"
    PRINTING = "PRINTING"
    READY = "READY"
    COLLECTED = "COLLECTED"
    SHIPPED = "SHIPPED"
    FORFEITED = "FORFEITED"
    CANCELLED = "CANCELLED"


LEGAL_MOVES: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.NIK_VERIFIED}),
    State.NIK_VERIFIED: frozenset({State.NIK_VERIFIED, State.DOCS_UPLOADED}),
    State.DOCS_UPLOADED: frozenset({State.SLOT_HELD}),
    State.SLOT_HELD: frozenset({State.BILLING_REQUESTED, State.DOCS_UPLOADED}),
    State.BILLING_REQUESTED: frozenset({State.AWAITING_PAYMENT, State.BILLING_FAILED}),
    State.AWAITING_PAYMENT: frozenset({State.PAID, State.EXPIRED}),
    State.BILLING_FAILED: frozenset({State.PAID, State.REFUND_DUE}),
    State.EXPIRED: frozenset({State.PAID, State.REFUND_DUE}),
    State.REFUND_DUE: frozenset({State.REFUNDED}),
    State.REFUNDED: frozenset(),
    State.PAID: frozenset({State.PAID, State.CHECKED_IN, State.FORFEITED}),
    State.CHECKED_IN: frozenset({State.INTERVIEWED}),
    State.INTERVIEWED: frozenset({State.ADJUDICATION, State.REJECTED}),
    State.ADJUDICATION: frozenset({State.PRINTING}),
    State.PRINTING: frozenset({State.READY}),
    State.READY: frozenset({State.COLLECTED, State.SHIPPED, State.CANCELLED}),
    State.REJECTED: frozenset(),
    State.COLLECTED: frozenset(),
    State.SHIPPED: frozenset(),
    State.FORFEITED: frozenset(),
    State.CANCELLED: frozenset(),
}

LABELS: dict[State, str] = {
    State.DRAFT: "Draft",
    State.NIK_VERIFIED: "Draft",
    State.DOCS_UPLOADED: "Draft",
    State.SLOT_HELD: "Kuota Dipesan",
    State.BILLING_REQUESTED: "Menunggu Kode Billing",
    State.AWAITING_PAYMENT: "Menunggu Pembayaran",
    State.BILLING_FAILED: "Kode Billing Gagal Terbit",
    State.EXPIRED: "Kadaluarsa",
    State.PAID: "Sudah Terbayar",
    State.REFUND_DUE: "Menunggu Pengembalian Dana",
    State.REFUNDED: "Dana Dikembalikan",
    State.CHECKED_IN: "Hadir",
    State.INTERVIEWED: "Selesai Wawancara",
    State.REJECTED: "Ditolak",
    State.ADJUDICATION: "Adjudikasi",
    State.PRINTING: "Pencetakan",
    State.READY: "Siap Diambil",
    State.COLLECTED: "Sudah Diambil",
    State.SHIPPED: "Dikirim",
    State.FORFEITED: "Hangus",
    State.CANCELLED: "Dibatalkan",
}


def may_move(current: State, following: State) -> bool:
    """Whether an application may go from `current` to `following`."""
    return following in LEGAL_MOVES[current]


def origins(following: State) -> tuple[State, ...]:
    """The states from which `following` may be reached, in the order of their declaration."""
    return tuple(state for state in State if may_move(state, following))
