"""What the runner saw, turned into doubts: causes count, their consequences are not counted twice."""

from loket.audit.audit import Audit
from loket.doubts import audit_doubts, runner_doubts, told_once
from loket.facts import Death, Facts
from loket.verdict import CheckResult, CheckVerdict, Doubt

STARTED = "2026-01-05T09:00:00+00:00"


def check(verdict: CheckVerdict, note: str = "no source") -> CheckResult:
    """A check that could not be decided."""
    return CheckResult(number=1, name="no overbooking", promise="Kept.", verdict=verdict, examined=0, note=note)


def reasons(facts: Facts, *checks: CheckResult, unreadable: tuple[str, ...] = ()) -> list[str]:
    """The audit's doubts, as sentences."""
    audit = Audit(checks=checks, unreadable=unreadable)
    return [doubt.reason for doubt in audit_doubts(audit, checks, facts)]


def test_a_check_that_could_not_be_made_is_a_doubt() -> None:
    """Silence is never a pass."""
    for verdict in (CheckVerdict.UNKNOWN, CheckVerdict.NOT_CHECKED):
        assert reasons(Facts(started_at=STARTED), check(verdict)) == [
            "invariant 1 (no overbooking) could not be decided: no source"
        ]


def test_a_feed_that_a_service_of_ones_own_does_not_offer_is_no_doubt() -> None:
    """`not checked` is reported as such; an unknown is a doubt all the same."""
    facts = Facts(started_at=STARTED, not_offered=["ledger"])
    assert reasons(facts, check(CheckVerdict.NOT_CHECKED)) == []
    assert len(reasons(facts, check(CheckVerdict.UNKNOWN))) == 1


def test_what_the_death_of_the_service_left_open_is_no_doubt() -> None:
    """A dead service has failed: that nothing more could be shown does not make the run invalid."""
    facts = Facts(started_at=STARTED, deaths=[Death(part="service", second=5.0, ending="signal SIGKILL")])
    assert reasons(facts, check(CheckVerdict.UNKNOWN)) == []
    assert list(runner_doubts(facts)) == []


def test_the_death_of_a_part_of_the_harness_is_a_doubt_with_its_second() -> None:
    """The sentence names the part, how it ended and when."""
    facts = Facts(started_at=STARTED, deaths=[Death(part="bank", second=5.0, ending="signal SIGKILL")])
    (doubt,) = runner_doubts(facts)
    assert (doubt.reason, doubt.second) == ("bank, a part of the harness, died (signal SIGKILL)", 5.0)


def test_a_process_of_the_load_that_was_lost_is_a_doubt_with_its_second() -> None:
    """The master above all: without it nobody sees the end of the run."""
    facts = Facts(started_at=STARTED, losses=[Death(part="locust-master", second=7.25, ending="signal SIGKILL: bye")])
    (doubt,) = runner_doubts(facts)
    assert (doubt.reason, doubt.second) == ("locust-master ended by signal SIGKILL: bye", 7.25)


def test_one_cause_is_told_once() -> None:
    """Where the load never started, eight checks that cannot be made are one doubt."""
    told = reasons(
        Facts(started_at=STARTED), check(CheckVerdict.NOT_CHECKED, "never started"), unreadable=("never started",)
    )
    assert told == ["never started"]


def test_a_doubt_that_two_readers_have_is_told_once_with_its_second() -> None:
    """A torn line is met by everybody who reads the file, and only some of them know when it was written."""
    plain, dated, other = Doubt(reason="torn"), Doubt(reason="torn", second=2.0), Doubt(reason="other")
    assert told_once([plain, other, dated, plain, other]) == (other, dated)
    assert told_once([plain, plain]) == (plain,)


def test_a_runner_that_was_killed_is_a_doubt() -> None:
    """Facts that only say that the run began are those of a runner that never reached its end."""
    (doubt,) = runner_doubts(Facts(started_at=STARTED, unfinished=True))
    assert doubt.reason == "the runner was killed: it did not reach its end"
