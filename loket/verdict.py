"""The verdict: what gates, checks and validity said, folded into one word, an exit code and `verdict.json`."""

from enum import StrEnum

import msgspec


class Word(StrEnum):
    """The verdicts of a run; `EXIT_CODES` and `WORST_FIRST` give their codes and their order."""

    HELD = "held"
    BROKEN = "broken"
    WRONG = "wrong"
    INVALID = "invalid"
    UNHEALED = "unhealed"
    INTERRUPTED = "interrupted"


EXIT_CODES = {
    Word.HELD: 0,
    Word.BROKEN: 1,
    Word.WRONG: 3,
    Word.INVALID: 4,
    Word.UNHEALED: 5,
    Word.INTERRUPTED: 130,
}
USAGE_ERROR = 2
# An interrupted run still says what it saw go wrong; what it did not see it cannot call held, broken or invalid.
WORST_FIRST = (Word.WRONG, Word.UNHEALED, Word.INTERRUPTED, Word.INVALID, Word.BROKEN, Word.HELD)


class CheckVerdict(StrEnum):
    """What an invariant's checker can say. A vacuous or unreadable history is never `holds`."""

    HOLDS = "holds"
    VIOLATED = "violated"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not checked"


class Violation(msgspec.Struct, kw_only=True, frozen=True):
    """One breach: a sentence a person understands, and its witness (few lines, in order, each with its time)."""

    sentence: str
    witness: tuple[str, ...] = ()


class CheckResult(msgspec.Struct, kw_only=True, frozen=True):
    """One invariant over one run. `number` is its number in docs/invariants.md; `examined` counts what it looked at.

    `violation_count` may exceed `len(violations)`: the witnesses are a sample.
    """

    number: int
    name: str
    promise: str
    verdict: CheckVerdict
    examined: int
    violations: tuple[Violation, ...] = ()
    violation_count: int = 0
    note: str = ""


class GateVerdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NO_DATA = "no data"


class GateResult(msgspec.Struct, kw_only=True, frozen=True):
    """One threshold of the experiment: its text as written, the figure it met, and how many samples stood behind it."""

    gate: str
    verdict: GateVerdict
    figure: str
    samples: int
    note: str = ""


class Doubt(msgspec.Struct, kw_only=True, frozen=True):
    """A reason not to trust the run: what happened, beyond which limit, in which second of the run (if one)."""

    reason: str
    second: float | None = None


class Resolved(msgspec.Struct, kw_only=True, frozen=True):
    """People's writes by outcome: writes = ok + refused + recovered + void + unresolved.

    The last three are those whose people never learnt the outcome. `recovered`: it had happened although nobody was
    told. `void`: it never happened. `unresolved`: nobody can say.
    """

    ok: int = 0
    refused: int = 0
    recovered: int = 0
    void: int = 0
    unresolved: int = 0

    @property
    def unknown(self) -> int:
        return self.recovered + self.void + self.unresolved

    @property
    def writes(self) -> int:
        return self.ok + self.refused + self.unknown


class MissingCode(msgspec.Struct, kw_only=True, frozen=True):
    """A person who held a place, asked for the payment code and never saw one.

    `last_step` is the last durable event of the code's chain; `fate` says what became of it: `never_issued`,
    `issued_not_shown`, or `place_returned` (the service failed finally and gave the place back).
    """

    application_id: str
    applicant: str
    asked_s: float
    last_step: str
    fate: str
    last_step_s: float | None = None
    waited_s: float | None = None
    failed_attempts: int = 0
    last_error: str | None = None
    faults_active: tuple[str, ...] = ()


class FaultSpan(msgspec.Struct, kw_only=True, frozen=True):
    """One fault as it happened, in seconds of the run; None where a moment was not reached or not confirmed.

    `refused`: the network definitely did not take it, so that there was nothing to heal.
    """

    fault: str
    link: str
    what: str
    requested_s: float
    confirmed_s: float | None = None
    healed_s: float | None = None
    refused: bool = False


class FunnelStep(msgspec.Struct, kw_only=True, frozen=True):
    """How many people got past one step of the journey."""

    step: str
    people: int


class Verdict(msgspec.Struct, kw_only=True, frozen=True):
    """The whole of `verdict.json`. `sentences` is what the terminal prints; `versions` says what was measured.

    `longest_code_wait_s` is the longest wait of a person who saw the payment code in the end. `resolved` is None where
    a history could not be read.
    """

    verdict: Word
    exit_code: int
    title: str
    scenario: str
    seed: int
    started_at: str
    duration_s: float
    sentences: tuple[str, ...]
    gates: tuple[GateResult, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    resolved: Resolved | None = None
    missing_codes: tuple[MissingCode, ...] = ()
    faults: tuple[FaultSpan, ...] = ()
    funnel: tuple[FunnelStep, ...] = ()
    outcomes: dict[str, int] = {}
    longest_code_wait_s: float | None = None
    ledgers: dict[str, dict[str, int]] = {}
    unhealed: tuple[str, ...] = ()
    defects: tuple[str, ...] = ()
    versions: dict[str, str] = {}
    overhead_s: dict[str, float] = {}


def worst(words: set[Word]) -> Word:
    """The worst of the words given, by `WORST_FIRST`; `held` when there is none."""
    return next((word for word in WORST_FIRST if word in words), Word.HELD)
