"""One request as a journey asks for it, and the attempt at it that the journal knows."""

from dataclasses import dataclass, replace

from loket.load.answers import Step


@dataclass(frozen=True, slots=True)
class Call:
    """What to send. `key` names the logical operation and stays the same over its retries; `attempt` counts them.

    `slot` and `application_id` are what the journal should say that the call is about.
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

    def again(self) -> "Call":
        """The next attempt at the same operation."""
        return replace(self, attempt=self.attempt + 1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call on its way: whose it is, when it was meant to start, and the trace id that is its own.

    `user` is the person's number in the run, as the journal calls it.
    """

    call: Call
    user: int
    applicant: str | None
    trace_id: str
    intended_ns: int


def render(attempt: Attempt, host: str) -> bytes:
    """The attempt as an HTTP/1.1 request, head and body."""
    call = attempt.call
    lines = [
        f"{call.method} {call.target} HTTP/1.1",
        f"host: {host}",
        f"traceparent: 00-{attempt.trace_id}-{attempt.trace_id[-16:]}-01",
    ]
    lines.extend(f"{name}: {value}" for name, value in call.headers)
    if call.body:
        lines.append(f"content-type: {call.content_type}")
    if call.body or call.method in ("POST", "PUT"):
        lines.append(f"content-length: {len(call.body)}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + call.body
