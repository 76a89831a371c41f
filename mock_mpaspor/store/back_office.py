"""What SIMKIM is told of an application, left in the outbox by the transaction that changed it.

A message has no content: the case is read when it is sent, so that the last one sent says how things are. Where no
back office is configured there is nobody to tell, and nothing is left.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.store import outbox
from mock_mpaspor.store.outbox import Topic


@dataclass(frozen=True)
class BackOffice:
    """Leaves messages for SIMKIM; `is_there` says whether the service has one."""

    clock: Clock
    is_there: bool

    def tell(self, connection: Connection, application_id: str, trace_id: str | None) -> None:
        """SIMKIM must see the application as it now stands: its appointment, or its referral to an interview."""
        self._put(connection, Topic.CASE, application_id, trace_id)

    def withdraw(self, connection: Connection, application_id: str, trace_id: str | None) -> None:
        """SIMKIM need not expect this applicant any more."""
        self._put(connection, Topic.WITHDRAWAL, application_id, trace_id)

    def _put(self, connection: Connection, topic: Topic, application_id: str, trace_id: str | None) -> None:
        if self.is_there:
            outbox.put(connection, topic, application_id, trace_id, self.clock())
