"""The rows of a run directory: what the people, the service, the gateway, the bank and the network wrote down.

Pure data, one msgspec structure a row, one JSON object a line. Times ending in `_ns` are nanoseconds: `mono_ns`
and its kin on the host's monotonic clock, `unix_ns` on its wall clock (UTC). `docs/run-directory.md` shows each file.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

T = TypeVar("T", bound="Row")
# A byte that is no UTF-8 is as bad as a brace too many, and msgspec reports it by an error of another family.
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError)


class BadLine(msgspec.DecodeError):
    """A line that is not the row it should be; the message names the file, the line and the reason."""


class Row(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """One line of an NDJSON file; a field at its default is left out of the line."""


class OperationType(StrEnum):
    """Jepsen's four words: what a client knows about an attempt."""

    INVOKE = "invoke"
    OK = "ok"
    FAIL = "fail"
    INFO = "info"


class Operation(Row, frozen=True):
    """`journal/operations-<worker>.ndjson`: one attempt of one step, before sending (`invoke`) and after.

    `fail` means that the operation definitely had no effect; `info` that it may have had one. `key` names the
    logical operation: retries carry the same key and a higher `attempt`. `trace_id` is unique to the attempt and
    pairs its two lines; it travels in the `traceparent` header. `expected` is False where the step did not declare
    the answer (an error); "the quota is full" is an expected refusal.
    """

    seq: int
    mono_ns: int
    worker: str
    user: int
    type: OperationType
    step: str
    trace_id: str
    intended_ns: int
    key: str | None = None
    attempt: int = 1
    slot: str | None = None
    applicant: str | None = None
    http_status: int | None = None
    error_class: str | None = None
    application_id: str | None = None
    billing_code: str | None = None
    state: str | None = None
    expected: bool = True


class Outcome(StrEnum):
    """How one person's path ended."""

    CONFIRMED = "confirmed"  # paid, and saw the application as paid
    PAID = "paid"  # paid at the bank, did not see the application become paid
    REFUNDED = "refunded"  # paid too late, and was told that the money comes back
    SOLD_OUT = "sold_out"  # told that every place was gone
    NO_CODE = "no_code"  # held a place, asked for the payment code and gave up before seeing it
    FORGOT = "forgot"  # saw the code and did not pay: part of the scenario
    GAVE_UP = "gave_up"  # lost patience before holding a place
    REFUSED = "refused"  # a definite refusal other than sold out (wrong data, say)
    FAILED = "failed"  # an error that the person could not get past
    MOVED = "moved"  # had paid, was sent another day by the office, and saw the appointment there
    GRANTED = "granted"  # the office's own: let everybody of a day move
    RECEIVED = "received"  # has the passport in hand, or it is on its way by post
    REJECTED = "rejected"  # paid, and rejected at the interview: the fee is forfeited
    FORFEITED = "forfeited"  # missed the day, left the papers incomplete, or never fetched the passport
    WITHDREW = "withdrew"  # cancelled before paying
    QUEUED = "queued"  # has a number of the counter queue
    INFORMED = "informed"  # came only to ask, and was answered
    CANCELLED = "cancelled"  # the run ended first


class Visit(Row, frozen=True):
    """`journal/people-<worker>.ndjson`: one person arrives (`arrive`) and later leaves (`leave`, with the outcome)."""

    mono_ns: int
    worker: str
    user: int
    type: Literal["arrive", "leave"]
    intended_ns: int
    applicant: str | None = None
    profile: str | None = None
    outcome: Outcome | None = None
    last_step: str | None = None
    application_id: str | None = None


class Ledger(msgspec.Struct, kw_only=True, frozen=True):
    """Every planned request accounted for: scheduled = sent + dropped + cancelled, sent = ok + failed + unknown.

    The second sum holds once nothing is in flight; `failed` counts definite refusals too, expected or not. People
    are dropped where a worker is full, requests where its host has no socket left; both are cancelled where the run
    ended before their moment, requests also where their person left before it. A request is scheduled once a person
    means to send it, now or after a pause.
    """

    scheduled: int = 0
    sent: int = 0
    dropped: int = 0
    cancelled: int = 0
    ok: int = 0
    failed: int = 0
    unknown: int = 0


def added(ledgers: Iterable[Ledger]) -> Ledger:
    """The ledgers of several workers as one."""
    rows = list(ledgers)
    return Ledger(**{name: sum(getattr(row, name) for row in rows) for name in Ledger.__struct_fields__})


class Shift(Row, frozen=True):
    """`journal/shift-<worker>.ndjson`: the worker's own record; `begin` first, a `tick` every 250 ms, `end` last.

    A file without `end` is a worker that was lost. `seq` counts the rows from 1, so that one that is missing shows
    (0: not counted). Lags and lateness are the largest since the last row. `arrivals` counts people, `requests`
    counts requests; `progress` counts people past each step of the journey. `begin` says how many people the worker
    has `room` for at once, with how many `open_files`.
    """

    mono_ns: int
    worker: str
    type: Literal["begin", "tick", "end"]
    seq: int = 0
    pid: int = 0
    room: int = 0
    open_files: int = 0
    arrivals: Ledger = Ledger()
    requests: Ledger = Ledger()
    people_inside: int = 0
    loop_lag_ms: float = 0.0
    send_lateness_ms: float = 0.0
    cpu_share: float = 0.0
    progress: dict[str, int] = {}


class Mark(Row, frozen=True):
    """`journal/marks-<worker>.ndjson`: what happened among this worker's people for the first time.

    `event` is one that faults can be bound to: `sold_out`, somebody was told that every place that they could
    have is gone; `first_code`, somebody sees their payment code.
    """

    mono_ns: int
    worker: str
    event: str


class ClockReading(Row, frozen=True):
    """`journal/clock-<worker>.ndjson`: how a remote worker's monotonic clock compared with the run's, every second.

    `offset_ns` is the run's clock less the worker's, `uncertainty_ns` half the round trip that told it: the true offset
    lies within. The worker's rows were put on the run's clock by the first reading; the others tell how it drifted.
    """

    mono_ns: int
    worker: str
    offset_ns: int
    uncertainty_ns: int


class Second(Row, frozen=True):
    """`series/load-<worker>.ndjson`: what one step did among the requests *intended* for one second of the run.

    Rows are increments: a second may have several, summed by the reader. `second` counts from the run's origin and
    may be negative (warm-up). `response` (from the intended start) and `service` (from the send) are HDR histograms
    in microseconds, base64 as the hdrhistogram library encodes them. `errors` counts answers no step declared, and
    lost ones that definitely had no effect; `dropped`, attempts that this host had no socket for, which are not `sent`
    (one found out later takes it back: an increment may be negative).
    """

    worker: str
    second: int
    step: str
    sent: int = 0
    ok: int = 0
    refused: int = 0
    errors: int = 0
    unknown: int = 0
    dropped: int = 0
    response: str | None = None
    service: str | None = None


class Event(Row, frozen=True):
    """`events.ndjson`: the service's append-only audit feed, in the order of its database (`seq`).

    `capacity` stands on `slot_opened`; `key` is the client's idempotency key where one made the event; `office` and
    `position` tell of a place in the waiting room.
    """

    seq: int
    unix_ns: int
    type: str
    application_id: str | None = None
    applicant: str | None = None
    slot: str | None = None
    capacity: int | None = None
    key: str | None = None
    billing_code: str | None = None
    amount_idr: int | None = None
    ntpn: str | None = None
    trace_id: str | None = None
    reason: str | None = None
    attempt: int | None = None
    office: str | None = None
    position: int | None = None


class Bill(Row, frozen=True):
    """`bills.ndjson`: the gateway's bills as they stood at the end. `reference` is the application it was made for."""

    billing_code: str
    reference: str
    amount_idr: int
    state: Literal["open", "paid", "void", "refunded"]
    issued_unix_ns: int
    paid_unix_ns: int | None = None
    ntpn: str | None = None
    ntb: str | None = None


class Entry(Row, frozen=True):
    """`ledger.ndjson`: the bank's ledger, the truth about money. A debit stands unless its `ntb` was returned."""

    seq: int
    unix_ns: int
    type: Literal["debited", "returned", "refunded"]
    billing_code: str
    amount_idr: int
    ntb: str
    channel: str


class FaultEntry(Row, frozen=True):
    """`faults.ndjson`: `timeline` says what was asked and confirmed and when; `engine` what was done to whom.

    Timeline types: requested, confirmed, heal_requested, healed, failed. Engine types: the decision log
    (`docs/engine.md`). `fault` is the experiment's name for it, `toxic` the name inside the engine.
    """

    mono_ns: int
    source: Literal["timeline", "engine"]
    type: str
    link: str | None = None
    fault: str | None = None
    toxic: str | None = None
    connection: int | None = None
    detail: str | None = None
    trace_id: str | None = None


class Origin(msgspec.Struct, kw_only=True, frozen=True):
    """`origin.json`: the instant that second 0 of the run stands for, on both clocks of the host.

    `workers` is among how many the people were shared out (0: not known).
    """

    mono_ns: int
    unix_ns: int
    workers: int = 0


def encode(row: msgspec.Struct) -> bytes:
    """The row as one line of NDJSON, newline included."""
    return msgspec.json.encode(row) + b"\n"


def read_rows(
    path: Path, kind: type[T], *, whole: bool = False, torn: Callable[[BadLine], None] | None = None
) -> Iterator[T]:
    """Rows of an NDJSON file in file order; a missing file is empty.

    A last line cut short by a kill is left out, or refused where the file must be `whole`. Raises BadLine for a line
    that is not a `kind`; where `torn` is given, it is told of such a line instead, and the reading goes on.
    """
    decoder = msgspec.json.Decoder(kind)
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.endswith(b"\n"):
                try:
                    row = decoder.decode(line)
                except UNDECODABLE as error:
                    bad = BadLine(f"{path.name}, line {number}: {error}")
                    if torn is None:
                        raise bad from error
                    torn(bad)
                    continue
                yield row
            elif whole:
                raise BadLine(f"{path.name}, line {number}: cut short")
