"""The relay to SIMKIM: cases and withdrawals, an application's one after the other, never given up."""

import logging
from random import Random

from mock_mpaspor.breaker import Breaker
from mock_mpaspor.domain.clock import Clock
from mock_mpaspor.domain.events import AttemptFailure
from mock_mpaspor.jobs.calls import CallError
from mock_mpaspor.jobs.courier import Courier
from mock_mpaspor.jobs.simkim import Simkim
from mock_mpaspor.store.cases import Cases
from mock_mpaspor.store.outbox import Message, Outbox, Topic

LOG = logging.getLogger(__name__)

CASES_AT_ONCE = 8
CASE_PROBES_AT_ONCE = 6


class CaseRelay(Courier):
    """Tells SIMKIM what the service decided."""

    def __init__(
        self, outbox: Outbox, cases: Cases, simkim: Simkim, breaker: Breaker, clock: Clock, rng: Random
    ) -> None:
        super().__init__(outbox, breaker, clock, rng, CASES_AT_ONCE, CASE_PROBES_AT_ONCE)
        self._cases = cases
        self._simkim = simkim

    def _attempt(self, message: Message) -> None:
        try:
            taken = self._send(message)
        except CallError as error:
            self._note_failure(message, error.failure)
            return
        if not taken:
            LOG.info("SIMKIM keeps application %s as it is: %s came too late", message.application_id, message.topic)
        self._note_answer()
        self._outbox.done(message)

    def _send(self, message: Message) -> bool:
        if message.topic == Topic.WITHDRAWAL:
            return self._simkim.withdraw(message.application_id, message.trace_id)
        case = self._cases.find(message.application_id)
        # The application has moved on since: a withdrawal follows, or the office has nothing left to do.
        return case is None or self._simkim.tell(case, message.id, message.trace_id)

    def _note_failure(self, message: Message, failure: AttemptFailure) -> None:
        self._postpone(message, failure)
        if failure is AttemptFailure.REJECTED:
            LOG.error("SIMKIM rejects message %d, a %s; it is sent again", message.id, message.topic)
            self._note_answer()
        else:
            self._breaker.failed()
