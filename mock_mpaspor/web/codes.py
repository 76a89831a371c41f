"""Showing a billing code: the first time that its owner sees it is an event of its own."""

from mock_mpaspor.domain.states import State
from mock_mpaspor.store.applications import Application
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import trace_id

# The code of a booking that was given up is known, and never shown: nobody should pay it.
_HIDDEN = frozenset({State.BILLING_FAILED, State.BILLING_REQUESTED, State.CANCELLED})


def visible_code(application: Application) -> str | None:
    """The code that the owner may see, noted as shown."""
    if application.billing_code is None or application.state in _HIDDEN:
        return None
    if not application.code_shown and parts().applications.note_code_shown(application, trace_id()):
        parts().metrics.codes.labels("shown").inc()
    return application.billing_code
