"""What an application costs: an estimate of today, until the day on which the code is asked for fixes it."""

from sqlalchemy import Connection, bindparam

from mock_mpaspor.domain.applications import Replaced
from mock_mpaspor.domain.fees import PassportType, fee_idr
from mock_mpaspor.domain.offices import OFFICES
from mock_mpaspor.store.schema import APPLICATIONS, ApplicationRow

# The columns that `fee_of` reads, and the fee that was last reckoned from them.
COSTS = (
    APPLICATIONS.c.id,
    APPLICATIONS.c.office,
    APPLICATIONS.c.passport_type,
    APPLICATIONS.c.validity_years,
    APPLICATIONS.c.express,
    APPLICATIONS.c.replaced,
    APPLICATIONS.c.force_majeure,
    APPLICATIONS.c.amount_idr,
)
_FIX = APPLICATIONS.update().where(APPLICATIONS.c.id == bindparam("application_id")).values(amount_idr=bindparam("fee"))


def fee_of(row: ApplicationRow, now_ns: int) -> int:
    """What the application of `row` costs on the day of `now_ns` in its office's zone, in rupiah."""
    return fee_idr(
        PassportType(row.passport_type),
        row.validity_years,
        OFFICES[row.office].zone.day(now_ns),
        row.express,
        None if row.replaced is None else Replaced(row.replaced),
        row.force_majeure,
    )


def fix_fee(connection: Connection, row: ApplicationRow, now_ns: int) -> None:
    """Make the fee of the day of `now_ns` the application's own; `row` was read in this transaction."""
    fee = fee_of(row, now_ns)
    if fee != row.amount_idr:
        connection.execute(_FIX, {"application_id": row.id, "fee": fee})
