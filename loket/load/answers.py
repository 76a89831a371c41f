"""What an attempt came to: a step's declaration, and the judgement of an answer (or of none) against it.

The question that decides is not whether the answer was good but whether the operation may have had an effect:
`fail` says that it definitely had none, `info` that nobody on this side can know.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from loket.records import OperationType

TOO_MANY_REQUESTS = 429


class Reply(msgspec.Struct, frozen=True):
    """The part of a success body that the journal keeps; a step's own reply adds the fields its journey needs."""

    application_id: str | None = None
    slot: str | None = None
    billing_code: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class Step:
    """One call of a journey and every answer it declares.

    `ok` are the statuses of success, whose bodies are `reply`s; `refusals` the error codes that are right answers
    too ("the quota is full"). A `read` changes nothing, so that losing its answer is a definite failure. The body of a
    `picture` is no JSON and is not read.
    """

    name: str
    ok: frozenset[int]
    refusals: frozenset[str] = frozenset()
    reply: type[Reply] = Reply
    read: bool = False
    picture: bool = False


class Loss(StrEnum):
    """Why no answer came: in the first three no byte of the request left; `cut` is an answer not whole, or not HTTP.

    `no_socket` is this host's own lack (of ports, of open files), never the service's.
    """

    NO_SOCKET = "no_socket"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    TIMEOUT = "timeout"
    RESET = "reset"
    CUT = "cut"

    @property
    def before_sending(self) -> bool:
        return self in (Loss.NO_SOCKET, Loss.CONNECT_REFUSED, Loss.CONNECT_TIMEOUT)


class Answer(msgspec.Struct, frozen=True, gc=False):
    """One attempt's end. `reply` is there exactly where the type is `ok`.

    `retry_after_s` is how long the service asks to be left alone before the next attempt.
    """

    type: OperationType
    expected: bool
    http_status: int | None = None
    error_class: str | None = None
    reply: Reply | None = None
    retry_after_s: float | None = None

    @property
    def ok(self) -> bool:
        return self.type is OperationType.OK

    @property
    def unknown(self) -> bool:
        return self.type is OperationType.INFO

    @property
    def never_left(self) -> bool:
        """The generator could not send it, so it says nothing about the service."""
        return self.error_class == Loss.NO_SOCKET

    @property
    def refusal(self) -> str | None:
        """The declared error code that the service answered, if it did."""
        return self.error_class if self.type is OperationType.FAIL and self.expected else None

    @property
    def worth_retrying(self) -> bool:
        """No answer, an error on the service's side, or too many people at once: asking again may help."""
        if self.ok or self.expected:
            return False
        return self.http_status is None or self.http_status >= 500 or self.http_status == TOO_MANY_REQUESTS


class _Error(msgspec.Struct):
    code: str
    definite: bool | None = None


class _ErrorBody(msgspec.Struct):
    error: _Error


_errors = msgspec.json.Decoder(_ErrorBody)


def judge(step: Step, status: int, body: bytes, retry_after_s: float | None = None) -> Answer:
    """What a whole answer means for the step."""
    if 200 <= status < 300:
        return _judge_success(step, status, body)
    error = _error_of(body)
    code = error.code if error else f"http_{status}"
    definite = error.definite if error else None
    if definite is None:
        # A redirect may be how a service says that it is done (303); only 4xx is a refusal by its own meaning.
        definite = 400 <= status < 500
    if not definite:
        return Answer(_without_success(step), False, status, code, retry_after_s=retry_after_s)
    return Answer(OperationType.FAIL, code in step.refusals, status, code, retry_after_s=retry_after_s)


def judge_loss(step: Step, loss: Loss) -> Answer:
    """What the lack of an answer means for the step."""
    kind = OperationType.FAIL if loss.before_sending else _without_success(step)
    return Answer(kind, False, error_class=loss.value)


def _without_success(step: Step) -> OperationType:
    """What is known where no success and no definite refusal was seen: a read changed nothing all the same."""
    return OperationType.FAIL if step.read else OperationType.INFO


def _judge_success(step: Step, status: int, body: bytes) -> Answer:
    if status not in step.ok:
        return Answer(_without_success(step), False, status, f"http_{status}")
    if step.picture:
        return Answer(OperationType.OK, True, status, reply=Reply())
    try:
        reply = msgspec.json.decode(body, type=step.reply)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Answer(_without_success(step), False, status, "unreadable_answer")
    return Answer(OperationType.OK, True, status, reply=reply)


def _error_of(body: bytes) -> _Error | None:
    try:
        return _errors.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
