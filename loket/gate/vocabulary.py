"""The names that a gate may use: the steps of the journey, the windows of a run, the faults of the experiment."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

OFFICERS = (
    "bap",
    "check_in",
    "biometrics",
    "interview",
    "completion",
    "adjudication",
    "print",
    "hand_over",
    "shipment",
)

STEPS = (
    "register",
    "read_mail",
    "verify_email",
    "resend_code",
    "login",
    "draft",
    "applications",
    "verify_nik",
    "upload_document",
    "referral",
    "availability",
    "join_queue",
    "see_queue",
    "hold_slot",
    "apapo_ticket",
    "walk_in",
    "request_billing",
    "billing_code",
    "pay",
    "status",
    "grant_moves",
    "reschedule",
    "cancel",
    "delivery",
    "arrival_pass",
    "arrival_pass_picture",
    *OFFICERS,
    "clock",
    "offices",
    "fees",
    "requirements",
    "calendar",
)

BACKSTAGE = frozenset({"read_mail", "grant_moves", "clock", *OFFICERS})
"""Steps that do not meet the service as people do, and so are none of all its requests."""

STAYS_UP = "the service stays up"
"""The gate that no experiment writes: the runner sets it for every service that Loket has started."""

PHASE_WINDOWS = ("closed", "rush", "drain")
FAULT_WINDOWS = ("fault", "recovery")
SYNONYMS = {"before": "closed"}
RESERVED = frozenset((*PHASE_WINDOWS, *FAULT_WINDOWS, *SYNONYMS))
"""Words that already name a window, and so cannot name a fault."""


@dataclass(frozen=True)
class Vocabulary:
    """What an experiment has: its steps, its faults' names, and the second at which its load ends."""

    steps: tuple[str, ...] = STEPS
    faults: tuple[str, ...] = ()
    ends_s: float = inf

    @property
    def windows(self) -> tuple[str, ...]:
        """Every window that can be named here; those of faults only where there are faults."""
        of_faults = (*FAULT_WINDOWS, *self.faults) if self.faults else ()
        return (*PHASE_WINDOWS, *SYNONYMS, *of_faults)


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for a near miss, else nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.55)
    return f"; did you mean '{near[0]}'?" if near else ""


def listing(words: Iterable[str]) -> str:
    """The words with commas between them, and `none` where there is none."""
    return ", ".join(words) or "none"
