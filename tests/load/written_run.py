"""A run of one worker as its records tell it, with every row in its place; tests take away or change some."""

import msgspec

from loket.load.plan import LoadPlan
from loket.records import Ledger, Operation, OperationType, Origin, Second, Shift, Visit, encode
from loket.run_directory import RunDirectory

ORIGIN_NS = 1_000_000_000_000
TICK_NS = 250_000_000
PEOPLE = 20
REQUESTS = 100
GOOD_PEOPLE = Ledger(scheduled=PEOPLE, sent=PEOPLE, ok=PEOPLE)
GOOD_REQUESTS = Ledger(scheduled=REQUESTS, sent=REQUESTS, ok=90, failed=6, unknown=4)

PLAN = LoadPlan(
    scenario="quota_rush",
    seed=1,
    office="kupang",
    people=PEOPLE,
    places=5,
    days=1,
    opens_at_s=5,
    rush_s=5,
    drain_s=5,
    patience_s=5,
    payment_deadline_s=60,
    profile=None,
    service_url="http://127.0.0.1:1",
    bank_url="http://127.0.0.1:1",
    direct_url="http://127.0.0.1:1",
    admin_token="",
    run_directory="",
)


def shift(number=0, kind="tick", **more):
    """The row of tick `number`: a worker in good health whose people have all come and gone."""
    row = {"loop_lag_ms": 1.0, "cpu_share": 0.5, "arrivals": GOOD_PEOPLE, "requests": GOOD_REQUESTS} | more
    return Shift(mono_ns=ORIGIN_NS + number * TICK_NS, worker="w0", type=kind, **row)


def whole(*middle, **end):
    """A shift with its begin and its end."""
    return [shift(0, "begin"), *middle, shift(99, "end", **end)]


def operations(late_ms=1.0):
    """One attempt each: 90 ok, 6 failed, 2 unknown, 2 never ended."""
    kinds = [OperationType.OK] * 90 + [OperationType.FAIL] * 6 + [OperationType.INFO] * 2 + [None] * 2
    for number, kind in enumerate(kinds):
        sent_ns = ORIGIN_NS + number * 1_000_000
        row = Operation(
            seq=number,
            mono_ns=sent_ns,
            worker="w0",
            user=0,
            type=OperationType.INVOKE,
            step="login",
            trace_id=f"{number:032x}",
            intended_ns=sent_ns - round(late_ms * 1e6),
        )
        yield row
        if kind:
            yield msgspec.structs.replace(row, type=kind)


def visits(people):
    """So many came and left."""
    for kind in ("arrive", "leave"):
        for user in range(people):
            yield Visit(mono_ns=ORIGIN_NS, worker="w0", user=user, type=kind, intended_ns=ORIGIN_NS)


def seconds(requests):
    """The series of a run whose ledger this is: one row of what left and was answered, one of what was not."""
    answered = requests.ok + requests.failed
    yield Second(
        worker="w0", second=0, step="login", sent=answered, ok=requests.ok, refused=1, errors=requests.failed - 1
    )
    unanswered = requests.sent - answered
    yield Second(
        worker="w0", second=1, step="login", sent=unanswered, unknown=requests.unknown, dropped=requests.dropped
    )


def write_run(directory, shifts, history, people, series, workers=0):
    """Write the rows to where a worker called w0 would have written them."""
    rows = {
        directory.journal / "people-w0.ndjson": people,
        directory.series / "load-w0.ndjson": series,
        directory.journal / "shift-w0.ndjson": shifts,
        directory.journal / "operations-w0.ndjson": history,
    }
    for path, content in rows.items():
        path.write_bytes(b"".join(map(encode, content)))
    directory.origin_file.write_bytes(encode(Origin(mono_ns=ORIGIN_NS, unix_ns=0, workers=workers)))


class LongRun:
    """Eighty ticks of a worker that sends one request a tick, 100 ms after it, and whose people come one a tick, too.

    Every row is written as it happened: what is taken away leaves a hole at a known instant. Person n comes with
    request n, which is answered at once, and leaves.
    """

    TICKS = 80

    def __init__(self):
        self.shift = [self._row(number) for number in range(self.TICKS + 1)]
        self.operations = [row for number in range(self.TICKS) for row in self._attempt(number)]
        self.people = [row for number in range(self.TICKS) for row in self._visit(number)]
        self.series = [
            Second(worker="w0", second=second, step="login", sent=4, ok=4) for second in range(self.TICKS // 4)
        ]
        self.plan = msgspec.structs.replace(PLAN, people=self.TICKS)
        self.workers = 1

    def change_tick(self, number, **changes):
        """One row of the shift says something else."""
        self.shift[number] = msgspec.structs.replace(self.shift[number], **changes)

    def write(self, root):
        """The directory with all of it."""
        directory = RunDirectory(root)
        directory.create()
        write_run(directory, self.shift, self.operations, self.people, self.series, self.workers)
        return directory

    def _row(self, number):
        kinds = {0: "begin", self.TICKS: "end"}
        people = Ledger(scheduled=self.TICKS, sent=number, ok=number)
        requests = Ledger(scheduled=number, sent=number, ok=number)
        ledgers = {"arrivals": people, "requests": requests}
        return shift(number, kinds.get(number, "tick"), seq=number + 1, **ledgers)

    def _attempt(self, number):
        at_ns = self._instant_ns(number)
        row = Operation(
            seq=2 * number + 1, mono_ns=at_ns, worker="w0", user=number, type=OperationType.INVOKE, step="login",
            trace_id=f"{number:032x}", intended_ns=at_ns,
        )  # fmt: skip
        yield row
        yield msgspec.structs.replace(row, type=OperationType.OK, seq=row.seq + 1, mono_ns=at_ns + 2)

    def _visit(self, number):
        row = Visit(
            mono_ns=self._instant_ns(number), worker="w0", user=number, type="arrive",
            intended_ns=self._instant_ns(number),
        )  # fmt: skip
        yield row
        yield msgspec.structs.replace(row, type="leave", mono_ns=row.mono_ns + 3)

    @staticmethod
    def _instant_ns(number):
        return ORIGIN_NS + number * TICK_NS + 100_000_000
