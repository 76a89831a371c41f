"""How long the audit takes and how much memory it needs: a made-up correct run of N journal lines, audited.

    python benchmarks/audit_history.py --operations 200000

The number to reach: 10,000,000 lines in 60 s and 512 MiB. The audit runs in a process of its own, so that the memory
is its alone; "bare" is the same process with nothing but its imports.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from loket.audit.audit import audit
from loket.records import Bill, Entry, Event, Operation, OperationType, Origin, Outcome, Visit, encode
from loket.run_directory import RunDirectory
from loket.verdict import CheckVerdict

STEPS = ("register", "login", "draft", "verify_nik", "upload_document", *("availability",) * 4)
# One in this many people gets a place, which is what a rush is.
PEOPLE_A_PLACE = 5
CAPACITY = 200
FEE_IDR = 650_000
STEP_NS = 1_000_000
TARGET_OPERATIONS = 10_000_000
TARGET_S = 60.0
TARGET_MIB = 512.0


class Made:
    """Writes the files of one run, person after person."""

    def __init__(self, run: RunDirectory) -> None:
        self._journal = (run.journal / "operations-w1.ndjson").open("wb", buffering=1 << 20)
        self._people = (run.journal / "people-w1.ndjson").open("wb", buffering=1 << 20)
        self._events = run.events_file.open("wb", buffering=1 << 20)
        self._bills = run.bills_file.open("wb", buffering=1 << 20)
        self._ledger = run.ledger_file.open("wb", buffering=1 << 20)
        self.lines = 0
        self.events = 0
        self._places = 0
        self._ns = 0

    def close(self) -> None:
        for file in (self._journal, self._people, self._events, self._bills, self._ledger):
            file.close()

    def person(self, user: int) -> None:
        application = f"application-{user:024d}"
        self._visit(user, "arrive", None)
        for step in STEPS:
            self._attempt(user, step, application)
        if user % PEOPLE_A_PLACE:
            self._attempt(user, "hold_slot", application, result=OperationType.FAIL, key=f"hold-{application}")
            self._visit(user, "leave", Outcome.SOLD_OUT)
        else:
            self._book(user, application, f"8{user:014d}")
            self._visit(user, "leave", Outcome.CONFIRMED)

    def _book(self, user: int, application: str, code: str) -> None:
        slot = f"slot-{self._places // CAPACITY}"
        if self._places % CAPACITY == 0:
            self._event("slot_opened", slot=slot, capacity=CAPACITY)
        self._places += 1
        self._event("held", application_id=application, applicant=application, slot=slot, key=f"hold-{application}")
        self._attempt(user, "hold_slot", application, key=f"hold-{application}")
        self._event("billing_requested", application_id=application, key=f"bill-{application}")
        self._attempt(user, "request_billing", application, key=f"bill-{application}")
        self._event("bill_issued", application_id=application, billing_code=code, amount_idr=FEE_IDR)
        for shown in (None, None, code):
            self._attempt(user, "billing_code", application, billing_code=shown)
        self._attempt(user, "pay", application, key=f"pay-{application}", billing_code=code)
        self._pay(application, code, slot)
        self._attempt(user, "status", application)

    def _pay(self, application: str, code: str, slot: str) -> None:
        ntb = code[3:]
        entry = Entry(
            seq=self.events,
            unix_ns=self._ns,
            type="debited",
            billing_code=code,
            amount_idr=FEE_IDR,
            ntb=ntb,
            channel="atm",
        )
        bill = Bill(billing_code=code, reference=application, amount_idr=FEE_IDR, state="paid", issued_unix_ns=self._ns)
        self._write(self._ledger, entry)
        self._write(self._bills, bill)
        self._event("paid", application_id=application, billing_code=code, amount_idr=FEE_IDR, slot=slot, ntpn=code)

    def _attempt(
        self,
        user: int,
        step: str,
        application: str,
        result: OperationType = OperationType.OK,
        key: str | None = None,
        billing_code: str | None = None,
    ) -> None:
        trace_id = f"{self.lines:032x}"
        for kind in (OperationType.INVOKE, result):
            self.lines += 1
            self._ns += STEP_NS
            row = Operation(
                seq=self.lines,
                mono_ns=self._ns,
                intended_ns=self._ns,
                worker="w1",
                user=user,
                type=kind,
                step=step,
                trace_id=trace_id,
                key=key,
                application_id=application,
                billing_code=billing_code if kind is not OperationType.INVOKE or step == "pay" else None,
                http_status=None if kind is OperationType.INVOKE else 200,
            )
            self._write(self._journal, row)

    def _event(self, kind: str, **facts: object) -> None:
        self.events += 1
        self._write(self._events, Event(seq=self.events, unix_ns=self._ns, type=kind, **facts))

    def _visit(self, user: int, kind: str, outcome: Outcome | None) -> None:
        row = Visit(mono_ns=self._ns, worker="w1", user=user, type=kind, intended_ns=self._ns, outcome=outcome)
        self._write(self._people, row)

    @staticmethod
    def _write(file: IO[bytes], row: msgspec.Struct) -> None:
        file.write(encode(row))


def make(root: Path, operations: int) -> Made:
    """A run directory with at least `operations` journal lines."""
    run = RunDirectory(root)
    run.create()
    run.origin_file.write_bytes(msgspec.json.encode(Origin(mono_ns=0, unix_ns=0)))
    (root / "facts.json").write_bytes(b'{"quiesced_at_unix_ns": 1000000000000000}')
    made = Made(run)
    user = 0
    while made.lines < operations:
        made.person(user)
        user += 1
    made.close()
    return made


def measure(root: Path | None) -> tuple[float, float]:
    """Seconds of the audit and the largest memory of this process in MiB; without a directory, only the latter."""
    started = time.perf_counter()
    if root is not None:
        checks = audit(RunDirectory(root)).checks
        wrong = [check for check in checks if check.verdict is not CheckVerdict.HOLDS]
        if wrong:
            raise SystemExit(f"the made-up run is not correct: {wrong}")
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def alone(root: Path | None) -> tuple[float, float]:
    """`measure` in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measure, (root,))


def main() -> None:
    parser = argparse.ArgumentParser(description="Time and memory of the audit.")
    parser.add_argument("--operations", type=int, default=200_000, help="journal lines to make (up to 10,000,000)")
    operations = parser.parse_args().operations
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder), operations)
        _, bare_mib = alone(None)
        seconds, peak_mib = alone(Path(folder))
    millions = made.lines / 1e6
    growth_mib = (peak_mib - bare_mib) / millions
    print(f"{made.lines} journal lines and {made.events} events audited in {seconds:.2f} s, peak {peak_mib:.0f} MiB")
    print(f"a million lines: {seconds / millions:.2f} s and {growth_mib:.0f} MiB above the bare {bare_mib:.0f} MiB")
    at_target = TARGET_OPERATIONS / 1e6
    print(f"ratio to the target, time: {seconds / millions * at_target / TARGET_S:.2f}")
    print(f"ratio to the target, memory: {(bare_mib + growth_mib * at_target) / TARGET_MIB:.2f}")


if __name__ == "__main__":
    main()
