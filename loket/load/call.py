"""One request as a journey asks for it, and the attempt at it that the journal knows."""

from dataclasses import dataclass, replace

import msgspec

from loket.load.answers import Step

# Up to here one copy costs less than a second buffer does.
COPIED_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class Call:
    """What to send. `key` names the logical operation and stays the same over its retries; `attempt` counts them.

    `slot` and `application_id` are what the journal should say that the call is about. A long body may go on in `rest`,
    whose pieces are sent from where they lie.
    """

    step: Step
    method: str
    target: str
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    key: str | None = None
    attempt: int = 1
    slot: str | None = None
    application_id: str | None = None
    rest: tuple[bytes, ...] = ()

    def again(self) -> "Call":
        """The next attempt at the same operation."""
        return replace(self, attempt=self.attempt + 1)


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """A call on its way: whose it is, when it was meant to start, and the trace id that is its own.

    `user` is the person's number in the run, as the journal calls it.
    """

    call: Call
    user: int
    applicant: str | None
    trace_id: str
    intended_ns: int


def pieces(attempt: Attempt, host: str) -> tuple[bytes, ...]:
    """The attempt as an HTTP/1.1 request: head and body in one, or a long body by itself where it lies."""
    call = attempt.call
    head = _head(attempt, host)
    if call.rest or len(call.body) > COPIED_BYTES:
        return (head, call.body, *call.rest) if call.body else (head, *call.rest)
    return (head + call.body,)


def render(attempt: Attempt, host: str) -> bytes:
    """The attempt as an HTTP/1.1 request, head and body."""
    return b"".join(pieces(attempt, host))


def _head(attempt: Attempt, host: str) -> bytes:
    call, trace_id = attempt.call, attempt.trace_id
    head = f"{call.method} {call.target} HTTP/1.1\r\nhost: {host}\r\ntraceparent: 00-{trace_id}-{trace_id[-16:]}-01\r\n"
    for name, value in call.headers:
        head += f"{name}: {value}\r\n"
    length = len(call.body)
    if call.rest:
        length += sum(map(len, call.rest))
    if length:
        head += f"content-type: {call.content_type}\r\ncontent-length: {length}\r\n"
    elif call.method in ("POST", "PUT"):
        head += "content-length: 0\r\n"
    return (head + "\r\n").encode("latin-1")
