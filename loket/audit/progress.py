"""How far each person got along the journey: one bit a step, so that a million people fit in little memory."""

from enum import IntFlag

from loket.audit.steps import Step
from loket.records import Operation, OperationType


class Reached(IntFlag):
    """Steps that the journal proves, in the order of the journey."""

    REGISTERED = 1
    LOGGED_IN = 2
    DRAFTED = 4
    NIK_VERIFIED = 8
    DOCUMENT_UPLOADED = 16
    TRIED_TO_HOLD = 32
    HELD = 64
    ASKED_FOR_CODE = 128
    SAW_CODE = 256
    PAID = 512


# Plain integers: this table is looked up once for every line of the journal.
_ANSWERED: dict[str, int] = {
    Step.REGISTER: int(Reached.REGISTERED),
    Step.LOGIN: int(Reached.LOGGED_IN),
    Step.DRAFT: int(Reached.DRAFTED),
    Step.VERIFY_NIK: int(Reached.NIK_VERIFIED),
    Step.UPLOAD_DOCUMENT: int(Reached.DOCUMENT_UPLOADED),
    Step.HOLD_SLOT: int(Reached.HELD),
    Step.REQUEST_BILLING: int(Reached.ASKED_FOR_CODE),
    Step.PAY: int(Reached.PAID),
}


class Progress:
    """Bits of `Reached` for each person of each worker."""

    def __init__(self) -> None:
        self._people: dict[str, dict[int, int]] = {}

    def note(self, row: Operation) -> None:
        """Take in one line of the journal."""
        bits = _proves(row)
        if bits:
            people = self._people.setdefault(row.worker, {})
            people[row.user] = people.get(row.user, 0) | bits

    def count(self, step: Reached) -> int:
        """How many people reached `step`."""
        return sum(1 for people in self._people.values() for bits in people.values() if bits & step)


def _proves(row: Operation) -> int:
    if row.type is OperationType.OK:
        if row.step == Step.BILLING_CODE:
            return int(Reached.SAW_CODE) if row.billing_code is not None else 0
        return _ANSWERED.get(row.step, 0)
    if row.type is OperationType.INVOKE and row.step == Step.HOLD_SLOT:
        return int(Reached.TRIED_TO_HOLD)
    return 0
