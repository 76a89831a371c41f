"""Every request of somebody who has chosen an office names it, so that a fault of the network can be of that office."""

import pytest

from chaos.faults import OFFICE_HEADER
from locustfiles._errands import ERRANDS, Errand
from loket.load.call import Call
from tests.load.scripted_visitor import PLAN
from tests.load.test_office_journeys import only, walk

# Nobody has to have chosen an office for these, and the bank and the mailbox know of none.
OF_NO_OFFICE = {"offices", "fees", "requirements", "read_mail", "pay"}


def named(call: Call) -> list[str]:
    return [value for name, value in call.headers if name.lower() == OFFICE_HEADER.lower()]


@pytest.mark.parametrize("errand", [errand for _, errand in ERRANDS], ids=str)
@pytest.mark.parametrize("quirk", ["mistypes_code", "leaves_draft", "moves", "cancels"])
def test_an_errand_is_at_its_office_from_the_first_request_to_the_last(errand: Errand, quirk: str) -> None:
    """Once in each request, whether it is the applicant's or the clerk's."""
    _, visitor = walk(errand, shares=only(quirk))
    assert visitor.calls
    for call in visitor.calls:
        assert named(call) == ([] if call.step.name in OF_NO_OFFICE else [PLAN.office]), call
