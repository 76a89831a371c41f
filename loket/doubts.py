"""Doubts: reasons not to trust a run, beside those that the load itself gives (`loket.load.validity`)."""

from collections.abc import Iterator, Sequence

from chaos.faults import Fault
from loket.audit.audit import Audit
from loket.facts import Death, Facts
from loket.faultspans import untouched
from loket.run_directory import RunDirectory
from loket.verdict import CheckResult, CheckVerdict, Doubt, FaultSpan

# Parts of the service under test: their death is the service's failure. Any other part's is the harness's own.
UNDER_TEST = ("service", "jobs")


def service_deaths(facts: Facts) -> list[Death]:
    """Parts of the service under test that died by themselves."""
    return [death for death in facts.deaths if death.part in UNDER_TEST]


def runner_doubts(facts: Facts) -> Iterator[Doubt]:
    """What the runner saw go wrong with the harness itself."""
    if facts.unfinished:
        yield Doubt(reason="the runner was killed: it did not reach its end")
    yield from (Doubt(reason=sentence) for sentence in facts.trouble)
    for loss in facts.losses:
        yield Doubt(reason=f"{loss.part} ended by {loss.ending}", second=loss.second)
    for death in facts.deaths:
        if death.part not in UNDER_TEST:
            yield Doubt(reason=f"{death.part}, a part of the harness, died ({death.ending})", second=death.second)
    for source, why in facts.missing_sources.items():
        yield Doubt(reason=f"{source} could not be read to their end: {why}")


def fault_doubts(faults: Sequence[Fault], spans: Sequence[FaultSpan], run: RunDirectory) -> Iterator[Doubt]:
    """Faults that the experiment promised and that disturbed nobody: a run without them proves nothing."""
    yield from (Doubt(reason=sentence) for sentence in untouched(faults, spans, run))


def audit_doubts(audit: Audit, checks: Sequence[CheckResult], facts: Facts) -> Iterator[Doubt]:
    """What the audit could not read or not decide: neither a pass nor a failure.

    No doubts are checks that a service of one's own offers no feed for, nor those that the service's death left open:
    they are reported as what they are, and the death is a failure that needs no more proof. So is a halt.
    """
    yield from (Doubt(reason=reason) for reason in audit.unreadable)
    open_to_doubt = {CheckVerdict.UNKNOWN, CheckVerdict.NOT_CHECKED}
    if facts.not_offered:
        open_to_doubt.discard(CheckVerdict.NOT_CHECKED)
    if service_deaths(facts) or facts.halted:
        open_to_doubt.discard(CheckVerdict.UNKNOWN)
    for check in checks:
        if check.verdict in open_to_doubt and check.note not in audit.unreadable:
            yield Doubt(reason=f"invariant {check.number} ({check.name}) could not be decided: {check.note}")


def told_once(doubts: Sequence[Doubt]) -> tuple[Doubt, ...]:
    """Each doubt once, in their order; what one reader could date and another could not, with its second."""
    dated = {doubt.reason for doubt in doubts if doubt.second is not None}
    return tuple(dict.fromkeys(doubt for doubt in doubts if doubt.second is not None or doubt.reason not in dated))
