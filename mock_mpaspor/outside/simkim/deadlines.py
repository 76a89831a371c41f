"""What does not wait for ever: an incomplete file seven days, a finished passport a month."""

from mock_mpaspor.outside.clock import NS
from mock_mpaspor.outside.simkim.cases import Case, CaseState

DAY_NS = 24 * 3600 * NS
COMPLETION_DAYS = 7
# Assumption: a month is thirty days.
COLLECTION_DAYS = 30


def end_of(case: Case) -> int | None:
    """When the case's state ends by itself, in the time that promises are kept in; None where it does not."""
    if case.state is CaseState.INCOMPLETE:
        return case.since_ns + COMPLETION_DAYS * DAY_NS
    # A passport that is to be posted waits for the office, and not for its owner.
    if case.state is CaseState.READY and case.file.delivery == "collect":
        return case.since_ns + COLLECTION_DAYS * DAY_NS
    return None
