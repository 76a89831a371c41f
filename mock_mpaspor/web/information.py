"""What people ask before they apply: what a passport costs today, and which documents it needs."""

import msgspec
from flask import Blueprint, Response

from mock_mpaspor.domain.applications import Kind, Replaced, is_consistent
from mock_mpaspor.domain.documents import DocumentKind, requirements
from mock_mpaspor.domain.eligibility import needs_interview
from mock_mpaspor.domain.fees import PassportType, tariff
from mock_mpaspor.domain.offices import Zone
from mock_mpaspor.web.operations import Operation, Query, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, query

ROUTES = Blueprint("information", __name__)


class Fee(msgspec.Struct, frozen=True):
    """What one book costs."""

    passport_type: PassportType
    validity_years: int
    amount_idr: int


class Fees(msgspec.Struct, frozen=True):
    """The regulation in force today; the last three amounts come on top."""

    regulation: str
    fees: list[Fee]
    express_idr: int
    lost_idr: int
    damaged_idr: int


class Asked(msgspec.Struct, frozen=True):
    """Whose documents are asked about."""

    kind: Kind
    replaced: Replaced | None = None
    minor: bool = False
    married: bool = False

    def __post_init__(self) -> None:
        if not is_consistent(self.kind, self.replaced):
            raise ValueError("`replaced` says why, for a REPLACEMENT and for nothing else")


class Needed(msgspec.Struct, frozen=True):
    """All of `required`, any of `one_of`, and whether an interview at the office comes before the booking."""

    required: tuple[DocumentKind, ...]
    one_of: tuple[DocumentKind, ...]
    in_person: bool


@ROUTES.get("/v1/fees")
@operation(Operation("See what a passport costs today", {200: Fees}))
def show_fees() -> Response:
    # The tariff belongs to no office; its day is the capital's. A bill's is its own office's.
    in_force = tariff(Zone.WIB.day(parts().clock()))
    fees = [Fee(book, years, amount_idr) for (book, years), amount_idr in in_force.books.items()]
    return answer(Fees(in_force.regulation, fees, in_force.express_idr, in_force.lost_idr, in_force.damaged_idr))


@ROUTES.get("/v1/requirements")
@operation(
    Operation(
        "See which documents an application needs",
        {200: Needed},
        query=(
            Query("kind", {"enum": list(Kind)}, required=True),
            Query("replaced", {"enum": list(Replaced)}, description="Of a REPLACEMENT: why."),
            Query("minor", {"type": "boolean"}),
            Query("married", {"type": "boolean"}),
        ),
    )
)
def show_requirements() -> Response:
    asked = query(Asked)
    needed = requirements(asked.kind, asked.replaced, asked.minor, asked.married)
    return answer(Needed(needed.required, needed.one_of, needs_interview(asked.kind, asked.replaced)))
