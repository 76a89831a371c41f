"""What one worker writes down: each attempt before and after it, each person coming and going, and the counts."""

from collections import Counter
from collections.abc import Callable, Iterator
from time import monotonic_ns

from loket.load.answers import Answer, Reply
from loket.load.call import Attempt
from loket.load.journal import Journal
from loket.load.ledger import Tally
from loket.load.series import Series
from loket.records import Mark, Operation, OperationType, Outcome, Second, Visit

# Told of every attempt that ended: the attempt, its answer, and the nanoseconds since its intended start.
Listener = Callable[[Attempt, Answer, int], None]
_NO_REPLY = Reply()
# The events that faults can be bound to, and what tells of them: a refusal's code, a step that somebody passed.
SOLD_OUT, FIRST_CODE = "sold_out", "first_code"
CODE_SEEN = "billing_code"


class Recorder:
    """Everything that happens to a worker's people passes here. Methods that write raise JournalBroken."""

    def __init__(self, worker: str, journal: Journal, series: Series, listener: Listener) -> None:
        self.worker = worker
        self.journal = journal
        self.arrivals = Tally()
        self.requests = Tally()
        self.progress: Counter[str] = Counter()
        self.people_inside = 0
        self._series = series
        self._listener = listener
        self._seq = 0
        self._latest_send_ns = 0
        self._marked: set[str] = set()

    def passed(self, step: str) -> None:
        """One more person is past this step of the journey."""
        self.progress[step] += 1
        if step == CODE_SEEN:
            self.mark(FIRST_CODE)

    def mark(self, event: str) -> None:
        """Write that this happened, where it is for the first time."""
        if event not in self._marked:
            self._marked.add(event)
            self.journal.mark(Mark(mono_ns=monotonic_ns(), worker=self.worker, event=event))

    def plan_request(self) -> None:
        """A person has made up their mind to send one more request, now or after a pause."""
        self.requests.scheduled += 1

    def cancel_request(self) -> None:
        """The person left before the moment of their planned request came."""
        self.requests.cancelled += 1

    def invoke(self, attempt: Attempt) -> int:
        """Write that a planned attempt leaves now; gives that instant in monotonic nanoseconds."""
        sent_ns = monotonic_ns()
        self.requests.sent += 1
        self._write_invoke(attempt, sent_ns)
        self._series.sent(attempt.call.step.name, attempt.intended_ns)
        self._latest_send_ns = max(self._latest_send_ns, sent_ns - attempt.intended_ns)
        return sent_ns

    def ended(self, attempt: Attempt, sent_ns: int, answer: Answer) -> None:
        """Write what the attempt came to; one that turns out never to have left moves from `sent` to `dropped`."""
        ended_ns = monotonic_ns()
        requests, kind = self.requests, answer.type
        if kind is OperationType.OK:
            requests.ok += 1
        elif kind is OperationType.INFO:
            requests.unknown += 1
        elif answer.never_left:
            requests.sent -= 1
            requests.dropped += 1
        else:
            requests.failed += 1
        self._series.ended(attempt.call.step.name, attempt.intended_ns, answer, sent_ns, ended_ns)
        self._write_end(attempt, ended_ns, answer)
        if answer.refusal == SOLD_OUT:
            self.mark(SOLD_OUT)
        self._listener(attempt, answer, ended_ns - attempt.intended_ns)

    def lost_sight(self, attempt: Attempt, sent_ns: int) -> None:
        """The run ends before the attempt does: its invoke stays unmatched, which means unknown."""
        self.requests.unknown += 1
        self._series.lost_sight(attempt.call.step.name, attempt.intended_ns, sent_ns, monotonic_ns())

    def visit(self, row: Visit) -> None:
        """Write that a person came or left, and count it; nobody's leaving is counted without their coming."""
        if row.type == "arrive":
            self.arrivals.sent += 1
            self.people_inside += 1
        else:
            self.people_inside -= 1
            if row.outcome is Outcome.CANCELLED:
                self.arrivals.unknown += 1
            elif row.outcome is Outcome.FAILED:
                self.arrivals.failed += 1
            else:
                self.arrivals.ok += 1
        self.journal.visit(row)

    def latest_send_ms(self) -> float:
        """The largest delay between intended and actual sending since this was last asked."""
        latest_ns, self._latest_send_ns = self._latest_send_ns, 0
        return latest_ns / 1e6

    def seconds(self) -> Iterator[Second]:
        """The rows of the series since this was last asked."""
        return self._series.drain()

    def _write_invoke(self, attempt: Attempt, at_ns: int) -> None:
        call = attempt.call
        self._seq += 1
        self.journal.operation(
            Operation(
                seq=self._seq,
                mono_ns=at_ns,
                worker=self.worker,
                user=attempt.user,
                type=OperationType.INVOKE,
                step=call.step.name,
                trace_id=attempt.trace_id,
                intended_ns=attempt.intended_ns,
                key=call.key,
                attempt=call.attempt,
                slot=call.slot,
                applicant=attempt.applicant,
                application_id=call.application_id,
            )
        )

    def _write_end(self, attempt: Attempt, at_ns: int, answer: Answer) -> None:
        call, reply = attempt.call, answer.reply or _NO_REPLY
        self._seq += 1
        self.journal.operation(
            Operation(
                seq=self._seq,
                mono_ns=at_ns,
                worker=self.worker,
                user=attempt.user,
                type=answer.type,
                step=call.step.name,
                trace_id=attempt.trace_id,
                intended_ns=attempt.intended_ns,
                key=call.key,
                attempt=call.attempt,
                slot=reply.slot or call.slot,
                applicant=attempt.applicant,
                http_status=answer.http_status,
                error_class=answer.error_class,
                application_id=reply.application_id or call.application_id,
                billing_code=reply.billing_code,
                state=reply.state,
                expected=answer.expected,
            )
        )
