"""A case: one application as the office keeps it, where it stands, and what the steps of the office do to it.

The states follow DOMAIN §2; a lost or damaged passport and a change of data are heard first (BAP).
"""

import datetime
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal

import msgspec


class Kind(StrEnum):
    APPOINTMENT = "appointment"
    BAP = "bap"


class CaseFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the office was told. Of the NIK it keeps the last four digits, by which the counter compares the card."""

    kind: Kind
    office: str
    passport_type: Literal["regular", "electronic"]
    validity_years: int
    name: str
    birth_date: datetime.date
    sex: str
    nik_ending: str
    delivery: Literal["collect", "post"]
    channel: str
    date: datetime.date | None = None
    session: str | None = None
    pass_code: str | None = None
    address: str | None = None
    queue_number: int | str | None = None
    express: bool = False
    # Of two files the one with the higher version is the newer, in whatever order they come.
    version: int = 0

    @property
    def person(self) -> str:
        """Who it is about, the same in every run of the same people."""
        return f"{self.name} {self.birth_date} {self.nik_ending}"


class CaseState(StrEnum):
    REFERRED = "referred"
    BAP_APPROVED = "bap_approved"
    BAP_REJECTED = "bap_rejected"
    AWAITED = "awaited"
    WITHDRAWN = "withdrawn"
    CHECKED_IN = "checked_in"
    ENROLLED = "enrolled"
    INCOMPLETE = "incomplete"
    INTERVIEWED = "interviewed"
    REJECTED = "rejected"
    ADJUDICATED = "adjudicated"
    PRINTING = "printing"
    READY = "ready"
    COLLECTED = "collected"
    SHIPPED = "shipped"


class Progress(StrEnum):
    """What M-Paspor is told of a case."""

    BAP_APPROVED = "bap_approved"
    BAP_REJECTED = "bap_rejected"
    CHECKED_IN = "checked_in"
    INCOMPLETE = "incomplete"
    INTERVIEWED = "interviewed"
    REJECTED = "rejected"
    ADJUDICATION = "adjudication"
    PRINTING = "printing"
    READY = "ready"
    COLLECTED = "collected"
    SHIPPED = "shipped"


class Step(StrEnum):
    """What a clerk does to a case."""

    BAP_APPROVAL = "bap_approval"
    BAP_REJECTION = "bap_rejection"
    CHECK_IN = "check_in"
    BIOMETRICS = "biometrics"
    APPROVAL = "approval"
    REJECTION = "rejection"
    INCOMPLETENESS = "incompleteness"
    COMPLETION = "completion"
    ADJUDICATION = "adjudication"
    PRINT = "print"
    PROOF = "proof"
    HAND_OVER = "hand_over"
    SHIPMENT = "shipment"


@dataclass(frozen=True)
class Move:
    """A step leads from one state to another and is told as `tells`, in this order; `counts_as` is done with it."""

    begins: CaseState
    ends: CaseState
    tells: tuple[Progress, ...] = ()
    counts_as: tuple[Step, ...] = ()


MOVES: dict[Step, Move] = {
    Step.BAP_APPROVAL: Move(CaseState.REFERRED, CaseState.BAP_APPROVED, (Progress.BAP_APPROVED,)),
    Step.BAP_REJECTION: Move(CaseState.REFERRED, CaseState.BAP_REJECTED, (Progress.BAP_REJECTED,)),
    Step.CHECK_IN: Move(CaseState.AWAITED, CaseState.CHECKED_IN, (Progress.CHECKED_IN,)),
    Step.BIOMETRICS: Move(CaseState.CHECKED_IN, CaseState.ENROLLED),
    Step.APPROVAL: Move(CaseState.ENROLLED, CaseState.INTERVIEWED, (Progress.INTERVIEWED,)),
    # A rejection is a finding of the interview, so both are told.
    Step.REJECTION: Move(CaseState.ENROLLED, CaseState.REJECTED, (Progress.INTERVIEWED, Progress.REJECTED)),
    Step.INCOMPLETENESS: Move(CaseState.ENROLLED, CaseState.INCOMPLETE, (Progress.INCOMPLETE,)),
    Step.COMPLETION: Move(
        CaseState.INCOMPLETE, CaseState.INTERVIEWED, (Progress.INTERVIEWED,), counts_as=(Step.APPROVAL,)
    ),
    Step.ADJUDICATION: Move(CaseState.INTERVIEWED, CaseState.ADJUDICATED, (Progress.ADJUDICATION,)),
    Step.PRINT: Move(CaseState.ADJUDICATED, CaseState.PRINTING, (Progress.PRINTING,)),
    Step.PROOF: Move(CaseState.PRINTING, CaseState.READY, (Progress.READY,)),
    Step.HAND_OVER: Move(CaseState.READY, CaseState.COLLECTED, (Progress.COLLECTED,)),
    Step.SHIPMENT: Move(CaseState.READY, CaseState.SHIPPED, (Progress.SHIPPED,)),
}


@dataclass(frozen=True)
class Case:
    """`since_ns` and `interviewed_ns` are in the time that promises are kept in; `done` are its steps, in order."""

    case: str
    file: CaseFile
    state: CaseState
    since_ns: int
    done: tuple[Step, ...] = ()
    interviewed_ns: int | None = None

    @cached_property
    def over(self) -> bool:
        """Whether the passport has left the office."""
        return self.state in (CaseState.COLLECTED, CaseState.SHIPPED)
