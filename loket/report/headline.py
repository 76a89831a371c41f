"""The verdict at the top of the page: one word, why in one sentence, and how each part of the judgement came out."""

from collections import Counter
from dataclasses import dataclass

from loket.report.evidence import Evidence
from loket.verdict import CheckVerdict, GateVerdict, Verdict, Word

NOT_RECORDED = "not recorded"
WHY = {
    Word.HELD: "The service held: every gate passed and no invariant was violated.",
    Word.BROKEN: "The service stayed right, but it missed at least one of the gates set for it.",
    Word.WRONG: "The service did something it must never do, whatever its speed.",
    Word.INVALID: "The measurement itself cannot be trusted, so it says nothing about the service.",
    Word.UNHEALED: "A fault could not be taken out of the network again; look at it before anything else.",
    Word.INTERRUPTED: "The run was stopped before its end; what it saw until then is below.",
}


@dataclass(frozen=True)
class Part:
    """How one part of the judgement came out (`tone`: good, open, bad); `anchor` is where the page tells the rest."""

    name: str
    anchor: str
    text: str
    tone: str


@dataclass(frozen=True)
class Headline:
    """`word` is a verdict's or `not recorded`; `tone` names its colour in the style sheet."""

    word: str
    tone: str
    why: str
    exit_code: int | None
    title: str
    sentences: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    defects: tuple[str, ...] = ()


def headline(evidence: Evidence) -> Headline:
    """The headline of the run; without a verdict it says so, and keeps what is known."""
    verdict = evidence.verdict
    if verdict is None:
        why = "No verdict was recorded: the run was cut off before it was judged."
        return Headline(NOT_RECORDED, "unknown", why, None, evidence.plan.name or evidence.root_name)
    return Headline(
        word=verdict.verdict.value,
        tone=verdict.verdict.value,
        why=WHY[verdict.verdict],
        exit_code=verdict.exit_code,
        title=verdict.title,
        sentences=verdict.sentences,
        parts=_parts(verdict, evidence.codes_counted),
        defects=verdict.defects,
    )


def _parts(verdict: Verdict, codes_counted: bool) -> tuple[Part, ...]:
    passed = sum(gate.verdict is GateVerdict.PASSED for gate in verdict.gates)
    injected = [fault for fault in verdict.faults if not fault.refused]
    healed = sum(fault.healed_s is not None for fault in injected)
    faults = f"{healed} of {len(injected)} healed" if injected else "none injected"
    all_healed = healed == len(injected) and not verdict.unhealed
    doubts = len(verdict.doubts)
    return (
        Part("Gates", "gates", f"{passed} of {len(verdict.gates)} passed", _tone(passed == len(verdict.gates))),
        _invariants(verdict),
        _codes(len(verdict.missing_codes), codes_counted),
        Part("Faults", "faults", faults, _tone(all_healed)),
        Part("Trust", "validity", f"{doubts} doubt{'s' * (doubts != 1)}" if doubts else "no doubts", _tone(not doubts)),
    )


def _codes(missing: int, counted: bool) -> Part:
    if not counted:
        return Part("Payment codes", "missing", "not counted", "open")
    return Part("Payment codes", "missing", f"{missing} missing" if missing else "none missing", _tone(not missing))


def _invariants(verdict: Verdict) -> Part:
    checks = Counter(check.verdict for check in verdict.checks)
    undecided = checks[CheckVerdict.UNKNOWN] + checks[CheckVerdict.NOT_CHECKED]
    violated = checks[CheckVerdict.VIOLATED]
    counts = ((violated, "violated"), (checks[CheckVerdict.HOLDS], "hold"), (undecided, "undecided"))
    text = ", ".join(f"{number} {word}" for number, word in counts if number) or "none checked"
    tone = "open" if undecided and not violated else _tone(not violated)
    return Part("Invariants", "invariants", text, tone)


def _tone(well: bool) -> str:
    return "good" if well else "bad"
