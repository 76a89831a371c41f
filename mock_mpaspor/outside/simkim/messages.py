"""What SIMKIM reads and answers, field by field as docs/mpaspor-api.md has it."""

import datetime
from typing import Annotated, Literal

import msgspec

from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.simkim.cases import Case, CaseFile, CaseState, Kind, Step
from mock_mpaspor.outside.simkim.zones import ZONES

Text = Annotated[str, msgspec.Meta(max_length=500)]
Passport = Literal["regular", "electronic"]
MOST_BLANKS = 10**6
# Nanoseconds since 1970 fit a database's number until 2262.
LAST_YEAR = 2200


class CaseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A case as M-Paspor tells it; `queue_number` is one of the old counter queue, `version` grows with each change."""

    kind: Kind
    office: str
    passport_type: Passport
    validity_years: Literal[5, 10]
    nik: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{16}(?!\n)$")]
    name: Text
    birth_date: datetime.date
    sex: Text
    delivery: Literal["collect", "post"] = "collect"
    channel: Text = "online"
    date: datetime.date | None = None
    session: Text | None = None
    pass_code: Text | None = None
    address: Text | None = None
    queue_number: int | Text | None = None
    express: bool = False
    version: Annotated[int, msgspec.Meta(ge=0, le=2**62)] = 0

    def file(self) -> CaseFile:
        """What the office keeps of it. Refusal for an office it does not know or an appointment without a day."""
        known_office(self.office)
        if self.kind is Kind.APPOINTMENT and self.date is None:
            raise Refusal(Code.INVALID, "date: an appointment has a day")
        if self.date is not None and not 2000 <= self.date.year <= LAST_YEAR:
            raise Refusal(Code.INVALID, f"date: expected a day from 2000 to {LAST_YEAR}")
        kept = {name: getattr(self, name) for name in self.__struct_fields__ if name != "nik"}
        return CaseFile(nik_ending=self.nik[-4:], **kept)


class BapRequest(msgspec.Struct, frozen=True):
    approved: bool
    force_majeure: bool = False

    @property
    def step(self) -> Step:
        return Step.BAP_APPROVAL if self.approved else Step.BAP_REJECTION


class CheckInRequest(msgspec.Struct, frozen=True):
    """Without a pass whoever has none is let in: a walk-in, a number of the counter queue."""

    pass_code: Text = ""


class InterviewRequest(msgspec.Struct, frozen=True):
    result: Literal["approved", "rejected", "incomplete"]

    @property
    def step(self) -> Step:
        return {"approved": Step.APPROVAL, "rejected": Step.REJECTION, "incomplete": Step.INCOMPLETENESS}[self.result]


class BlanksRequest(msgspec.Struct, frozen=True):
    office: str
    passport_type: Passport
    number: Annotated[int, msgspec.Meta(ge=1, le=MOST_BLANKS)]


class OutageRequest(msgspec.Struct, frozen=True):
    printing: bool


class Standing(msgspec.Struct, frozen=True):
    """Where a case stands."""

    case: str
    state: CaseState


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as a clerk sees it: the pass is the applicant's to show, so it is not told."""

    case: str
    state: CaseState
    kind: Kind
    office: str
    date: datetime.date | None
    session: str | None
    passport_type: Passport
    validity_years: int
    name: str
    birth_date: datetime.date
    sex: str
    nik_ending: str
    channel: str
    queue_number: int | str | None
    delivery: str
    address: str | None
    express: bool


class CaseList(msgspec.Struct, frozen=True):
    cases: list[CaseView]


class Stock(msgspec.Struct, frozen=True):
    stock: int


class BlankRow(msgspec.Struct, frozen=True):
    office: str
    passport_type: str
    stock: int


class BlankList(msgspec.Struct, frozen=True):
    blanks: list[BlankRow]


def view(case: Case) -> CaseView:
    file = case.file
    return CaseView(
        case=case.case,
        state=case.state,
        kind=file.kind,
        office=file.office,
        date=file.date,
        session=file.session,
        passport_type=file.passport_type,
        validity_years=file.validity_years,
        name=file.name,
        birth_date=file.birth_date,
        sex=file.sex,
        nik_ending=file.nik_ending,
        channel=file.channel,
        queue_number=file.queue_number,
        delivery=file.delivery,
        address=file.address,
        express=file.express,
    )


def known_office(name: str) -> str:
    """The name itself; Refusal where SIMKIM serves no such office."""
    if name not in ZONES:
        raise Refusal(Code.INVALID, f"office: {name[:50]!r} is none of SIMKIM's")
    return name
