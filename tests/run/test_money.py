"""Money on its way: the service looks at rest while a payment is still to reach it."""

from typing import Any

import pytest

from loket.records import Bill, Entry
from loket.run.money import money_on_its_way, unsettled_money
from loket.stack.settings import Feeds

DEBIT: dict[str, Any] = {"seq": 1, "unix_ns": 1, "billing_code": "c", "amount_idr": 350_000, "channel": "atm"}
BILL = Bill(billing_code="c", reference="a", amount_idr=350_000, state="paid", issued_unix_ns=1, ntb="n")


@pytest.mark.parametrize(
    ("ending", "ntb", "taken_up", "left"),
    [
        (None, "n", {"c"}, 0),
        (None, "n", set(), 1),
        (None, "second", {"c"}, 1),
        ("returned", "second", {"c"}, 0),
        ("refunded", "n", set(), 0),
    ],
)
def test_a_debit_is_settled_when_it_is_back_or_the_service_knows_of_it(
    ending: Any, ntb: str, taken_up: set[str], left: int
) -> None:
    """Paid at the gateway is not enough; nor is a code that another payment has paid."""
    ledger = [Entry(type="debited", ntb=ntb, **DEBIT)]
    if ending:
        ledger.append(Entry(type=ending, ntb=ntb, **DEBIT))
    assert unsettled_money([BILL], ledger, taken_up) == left


def test_nothing_is_awaited_of_a_service_of_ones_own() -> None:
    """Its bank is not ours to ask."""
    assert money_on_its_way(Feeds())() == {}
