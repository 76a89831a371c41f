"""Every rule about cases, each decided inside one write transaction."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import msgspec
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from mock_mpaspor.outside.clock import Clock, Pace
from mock_mpaspor.outside.database import DatabaseFile
from mock_mpaspor.outside.errors import Code, Refusal
from mock_mpaspor.outside.simkim import blanks, deadlines
from mock_mpaspor.outside.simkim.books import case_table, outage_table
from mock_mpaspor.outside.simkim.cases import MOVES, Case, CaseFile, CaseState, Kind, Progress, Step
from mock_mpaspor.outside.simkim.progress import tell
from mock_mpaspor.outside.simkim.zones import local

FILES = msgspec.json.Decoder(CaseFile)
PRINTING = "printing"
# A passport that came from the printer needs no more of it.
NEED_THE_PRINTER = (Step.PRINT,)
INTERVIEWS = (Step.APPROVAL, Step.REJECTION, Step.INCOMPLETENESS, Step.COMPLETION)

Due = Callable[[Case], int | None]


class CaseBook:
    """The cases. `due` says when a clerk of SIMKIM's own acts next on a case, None where none does."""

    def __init__(self, books: DatabaseFile, clock: Clock, pace: Pace, due: Due = lambda case: None) -> None:
        self._books = books
        self._clock = clock
        self._pace = pace
        self._due = due

    def now_ns(self) -> int:
        """The time that days and deadlines are kept in."""
        return self._pace.at(self._clock.unix_ns())

    def put(self, case_id: str, file: CaseFile) -> tuple[Case, bool]:
        """The case with this file, and whether it is new. Refusal where the office has begun with another file."""
        state = CaseState.REFERRED if file.kind is Kind.BAP else CaseState.AWAITED
        with self._books.write() as connection:
            known = _one(connection, case_id)
            if known is None:
                case = Case(case_id, file, state, self.now_ns())
                connection.execute(insert(case_table).values(case=case_id, **self._columns(case)))
                return case, True
            replaced = _replaced(known, file, self.now_ns())
            if replaced is not known:
                self._save(connection, replaced)
            return replaced, False

    def withdraw(self, case_id: str) -> Case:
        """The case as withdrawn: before the visit, or once its papers or its passport waited too long."""
        with self._books.write() as connection:
            case = _known(connection, case_id)
            if case.state is CaseState.WITHDRAWN:
                return case
            overdue = deadlines.end_of(case)
            before = case.state in (CaseState.REFERRED, CaseState.BAP_APPROVED, CaseState.AWAITED)
            if not before and (overdue is None or self.now_ns() < overdue):
                raise Refusal(Code.ALREADY_BEGUN)
            withdrawn = replace(case, state=CaseState.WITHDRAWN, since_ns=self.now_ns())
            self._save(connection, withdrawn)
            return withdrawn

    def take(self, case_id: str, *steps: Step, pass_code: str | None = None, reason: str | None = None) -> Case:
        """The case after these steps; one that was done before is passed over. Refusal: nothing has changed.

        `pass_code` is what the applicant shows at the check-in, None for whoever is known to the clerk.
        """
        with self._books.write() as connection:
            case = _known(connection, case_id)
            for step in steps:
                if step not in case.done:
                    case = self._taken(connection, case, step, pass_code, reason)
            return case

    def take_together(self, acts: Iterable[tuple[Case, Step, str | None]], look_again: Mapping[Code, int]) -> None:
        """One step each (with its reason) for many cases, on disk together.

        A refused step leaves its case alone: it is looked at again so many nanoseconds later, or not any more.
        """
        with self._books.write() as connection:
            for seen, step, reason in acts:
                case = _known(connection, seen.case)
                if (case.state, case.since_ns) != (seen.state, seen.since_ns):
                    continue
                try:
                    self._taken(connection, case, step, None, reason)
                except Refusal as refusal:
                    # Guards come before the first change, so there is nothing to undo.
                    again_ns = look_again.get(refusal.code)
                    due_ns = None if again_ns is None else self.now_ns() + again_ns
                    connection.execute(update(case_table).where(case_table.c.case == case.case).values(due_ns=due_ns))

    def find(self, case_id: str) -> Case:
        """Refusal where there is no such case."""
        with self._books.read() as connection:
            return _known(connection, case_id)

    def list(self, office: str | None, day: datetime.date | None) -> list[Case]:
        """The cases of an office and a day, by their names; None is any."""
        rows = select(case_table).order_by(case_table.c.case)
        if office is not None:
            rows = rows.where(case_table.c.office == office)
        if day is not None:
            rows = rows.where(case_table.c.day == day)
        with self._books.read() as connection:
            return [_case(row) for row in connection.execute(rows)]

    def due(self, limit: int) -> Iterable[Case]:
        """Cases whose next act is due, the longest waiting first."""
        now_ns = self.now_ns()
        rows = select(case_table).where(case_table.c.due_ns <= now_ns).order_by(case_table.c.due_ns).limit(limit)
        with self._books.read() as connection:
            return [_case(row) for row in connection.execute(rows)]

    def set_printing(self, works: bool) -> None:
        """The printers of all offices, in order or not."""
        with self._books.write() as connection:
            connection.execute(delete(outage_table).where(outage_table.c.part == PRINTING))
            if not works:
                connection.execute(insert(outage_table).values(part=PRINTING))

    def count(self) -> Mapping[CaseState, int]:
        """Cases by state, every state named."""
        counts = select(case_table.c.state, func.count()).group_by(case_table.c.state)
        with self._books.read() as connection:
            found = {row[0]: row[1] for row in connection.execute(counts)}
        return {state: found.get(state, 0) for state in CaseState}

    def _taken(self, connection: Connection, case: Case, step: Step, pass_code: str | None, reason: str | None) -> Case:
        move, unix_ns = MOVES[step], self._clock.unix_ns()
        now_ns = self._pace.at(unix_ns)
        if case.state is not move.begins:
            raise Refusal(Code.WRONG_STEP)
        self._guard(connection, case, step, pass_code, now_ns)
        for told in move.tells:
            tell(connection, case.case, unix_ns, told, reason if told is Progress.BAP_APPROVED else None)
        interviewed_ns = now_ns if step in INTERVIEWS else case.interviewed_ns
        done = (*case.done, step, *move.counts_as)
        taken = replace(case, state=move.ends, since_ns=now_ns, done=done, interviewed_ns=interviewed_ns)
        self._save(connection, taken)
        return taken

    def _guard(self, connection: Connection, case: Case, step: Step, pass_code: str | None, now_ns: int) -> None:
        """What a step asks for beside its state."""
        if step is Step.CHECK_IN:
            if pass_code is not None and case.file.pass_code not in (None, pass_code):
                raise Refusal(Code.WRONG_PASS)
            if local(case.file.office, now_ns).date() != case.file.date:
                raise Refusal(Code.WRONG_DAY)
        if step is Step.SHIPMENT and case.file.delivery != "post":
            raise Refusal(Code.WRONG_STEP)
        ends_ns = deadlines.end_of(case)
        if ends_ns is not None and now_ns >= ends_ns:
            raise Refusal(Code.TOO_LATE)
        if step in NEED_THE_PRINTER:
            if connection.scalar(select(func.count()).select_from(outage_table)):
                raise Refusal(Code.PRINTING_DOWN)
            blanks.take(connection, case.file.office, case.file.passport_type)

    def _save(self, connection: Connection, case: Case) -> None:
        connection.execute(update(case_table).where(case_table.c.case == case.case).values(**self._columns(case)))

    def _columns(self, case: Case) -> dict[str, object]:
        return {
            "office": case.file.office,
            "day": case.file.date,
            "file": msgspec.json.encode(case.file),
            "state": case.state,
            "since_ns": case.since_ns,
            "done": " ".join(case.done),
            "interviewed_ns": case.interviewed_ns,
            "due_ns": self._due(case),
        }


def _replaced(known: Case, file: CaseFile, now_ns: int) -> Case:
    """The known case under a file that came now; `known` itself where nothing changes."""
    if file.version < known.file.version:
        # It was on its way for so long that a newer one has overtaken it.
        return known
    if known.state is CaseState.WITHDRAWN and file.kind is Kind.APPOINTMENT and file.version > known.file.version:
        # Whoever missed a day on which the office was at fault comes after all.
        return replace(known, file=file, state=CaseState.AWAITED, since_ns=now_ns)
    if msgspec.structs.replace(known.file, version=file.version) == file:
        return replace(known, file=file)
    # A referral that was on its way for so long that it comes after its own decision changes nothing.
    if file.kind is Kind.BAP and Step.BAP_APPROVAL in known.done:
        return known
    if known.state is CaseState.AWAITED and file.kind is Kind.APPOINTMENT:
        return replace(known, file=file, since_ns=now_ns)
    if known.state is CaseState.BAP_APPROVED and file.kind is Kind.APPOINTMENT:
        return replace(known, file=file, state=CaseState.AWAITED, since_ns=now_ns)
    if known.state is CaseState.REFERRED and file.kind is Kind.BAP:
        return replace(known, file=file)
    moved = msgspec.structs.replace(known.file, delivery=file.delivery, address=file.address, version=file.version)
    if file == moved and not known.over:
        return replace(known, file=file)
    raise Refusal(Code.ALREADY_BEGUN)


def _known(connection: Connection, case_id: str) -> Case:
    case = _one(connection, case_id)
    if case is None:
        raise Refusal(Code.UNKNOWN_CASE)
    return case


def _one(connection: Connection, case_id: str) -> Case | None:
    row = connection.execute(select(case_table).where(case_table.c.case == case_id)).one_or_none()
    return None if row is None else _case(row)


def _case(row: Row[tuple[object, ...]]) -> Case:
    return Case(
        case=row.case,
        file=FILES.decode(row.file),
        state=CaseState(row.state),
        since_ns=row.since_ns,
        done=tuple(Step(word) for word in row.done.split()),
        interviewed_ns=row.interviewed_ns,
    )
