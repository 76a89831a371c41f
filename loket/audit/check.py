"""A check: one promise of the service, what it needs to be examined, and how its finding becomes a verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field

from loket.audit.breaches import Breaches
from loket.audit.history import History
from loket.audit.resolution import doubt
from loket.audit.sources import Source, Unreadable
from loket.verdict import CheckResult, CheckVerdict


@dataclass
class Finding:
    """What an examination found: how many things it looked at, which were wrong, and why its silence proves nothing.

    `nothing` says what there was none of; `doubts` are reasons not to say `holds`; `notes` are for the reader.
    """

    nothing: str
    examined: int = 0
    breaches: Breaches = field(default_factory=Breaches)
    doubts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Check:
    """One invariant of docs/invariants.md. `promise` is a sentence for people; `examine` may raise Unreadable."""

    number: int
    name: str
    promise: str
    sources: tuple[Source, ...]
    examine: Callable[[History], Finding]

    def check(self, history: History) -> CheckResult:
        """Examine `history`; what cannot be examined is `not checked` or `unknown`, never `holds`."""
        missing = [reason for source in self.sources if (reason := history.missing(source))]
        if missing:
            return self.without(CheckVerdict.NOT_CHECKED, "; ".join(missing))
        incomplete = [reason for source in self.sources if (reason := history.incomplete(source))]
        if incomplete:
            return self.without(CheckVerdict.UNKNOWN, "; ".join(incomplete))
        try:
            finding = self.examine(history)
            if Source.JOURNAL in self.sources and (holes := doubt(history.resolved)):
                finding.doubts.append(holes)
            return self._judge(finding, history)
        except Unreadable as error:
            return self.without(CheckVerdict.UNKNOWN, f"unreadable: {error}")

    def without(self, verdict: CheckVerdict, note: str) -> CheckResult:
        """The result of a check that could not be made, and why."""
        return CheckResult(
            number=self.number, name=self.name, promise=self.promise, verdict=verdict, examined=0, note=note
        )

    def _judge(self, finding: Finding, history: History) -> CheckResult:
        if finding.examined == 0:
            finding.doubts.insert(0, finding.nothing)
        if finding.breaches.count:
            verdict = CheckVerdict.VIOLATED
        elif finding.doubts:
            verdict = CheckVerdict.UNKNOWN
        else:
            verdict = CheckVerdict.HOLDS
        return CheckResult(
            number=self.number,
            name=self.name,
            promise=self.promise,
            verdict=verdict,
            examined=finding.examined,
            violations=finding.breaches.violations(history),
            violation_count=finding.breaches.count,
            note="; ".join(finding.doubts + finding.notes),
        )
