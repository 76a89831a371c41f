"""The life of an application: its states, the moves between them, and what people are shown.

From CHECKED_IN to SHIPPED the office decides, in SIMKIM. Labels of the first states are those that M-Paspor
shows; the others are ours.
"""

from enum import StrEnum


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "DRAFT"
    NIK_VERIFIED = "NIK_VERIFIED"
    DOCS_UPLOADED = "DOCS_UPLOADED"
    # Lost or damaged passports and changes of data: an interview at the office (BAP) comes before the booking.
    REFERRED = "REFERRED"
    # A number in the old counter queue (APAPO): a place, and nothing to pay before the visit.
    QUEUED = "QUEUED"
    SLOT_HELD = "SLOT_HELD"
    BILLING_REQUESTED = "BILLING_REQUESTED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    BILLING_FAILED = "BILLING_FAILED"
    EXPIRED = "EXPIRED"
    PAID = "PAID"
    REFUND_DUE = "REFUND_DUE"
    REFUNDED = "REFUNDED"
    CHECKED_IN = "CHECKED_IN"
    INCOMPLETE = "INCOMPLETE"
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
    State.DRAFT: frozenset({State.NIK_VERIFIED, State.CANCELLED}),
    State.NIK_VERIFIED: frozenset({State.NIK_VERIFIED, State.DOCS_UPLOADED, State.QUEUED, State.CANCELLED}),
    State.DOCS_UPLOADED: frozenset({State.SLOT_HELD, State.REFERRED, State.CANCELLED}),
    State.REFERRED: frozenset({State.DOCS_UPLOADED, State.REJECTED, State.CANCELLED}),
    State.QUEUED: frozenset({State.CHECKED_IN, State.FORFEITED, State.CANCELLED}),
    State.SLOT_HELD: frozenset({State.BILLING_REQUESTED, State.DOCS_UPLOADED, State.CANCELLED}),
    State.BILLING_REQUESTED: frozenset({State.AWAITING_PAYMENT, State.BILLING_FAILED, State.CANCELLED}),
    State.AWAITING_PAYMENT: frozenset({State.PAID, State.EXPIRED, State.CANCELLED}),
    State.BILLING_FAILED: frozenset({State.PAID, State.REFUND_DUE}),
    State.EXPIRED: frozenset({State.PAID, State.REFUND_DUE}),
    State.REFUND_DUE: frozenset({State.REFUNDED}),
    State.REFUNDED: frozenset(),
    State.PAID: frozenset({State.PAID, State.CHECKED_IN, State.FORFEITED}),
    State.CHECKED_IN: frozenset({State.INTERVIEWED, State.INCOMPLETE}),
    State.INCOMPLETE: frozenset({State.INTERVIEWED, State.FORFEITED}),
    State.INTERVIEWED: frozenset({State.ADJUDICATION, State.REJECTED}),
    State.ADJUDICATION: frozenset({State.PRINTING}),
    State.PRINTING: frozenset({State.READY}),
    State.READY: frozenset({State.COLLECTED, State.SHIPPED, State.CANCELLED}),
    State.REJECTED: frozenset(),
    State.COLLECTED: frozenset(),
    State.SHIPPED: frozenset(),
    # Only who missed a day on which the office was at fault.
    State.FORFEITED: frozenset({State.PAID}),
    # Money that comes after an application was cancelled goes back.
    State.CANCELLED: frozenset({State.REFUND_DUE}),
}

LABELS: dict[State, str] = {
    State.DRAFT: "Draft",
    State.NIK_VERIFIED: "Draft",
    State.DOCS_UPLOADED: "Draft",
    State.REFERRED: "Menunggu Wawancara (BAP)",
    State.QUEUED: "Antrean Terdaftar",
    State.SLOT_HELD: "Kuota Dipesan",
    State.BILLING_REQUESTED: "Menunggu Kode Billing",
    State.AWAITING_PAYMENT: "Menunggu Pembayaran",
    State.BILLING_FAILED: "Kode Billing Gagal Terbit",
    State.EXPIRED: "Kadaluarsa",
    State.PAID: "Sudah Terbayar",
    State.REFUND_DUE: "Menunggu Pengembalian Dana",
    State.REFUNDED: "Dana Dikembalikan",
    State.CHECKED_IN: "Hadir",
    State.INCOMPLETE: "Berkas Belum Lengkap",
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
