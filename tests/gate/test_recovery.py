"""Recovery: from the heal of a fault to three seconds in a row that are as before it."""

from math import inf

import pytest

from loket.gate.judgement import judge
from loket.gate.phases import Span
from loket.gate.recovery import recovery_of
from loket.verdict import GateVerdict

FAULT = Span(20.0, 30.0)
GOOD, SLOW = [20.0] * 10, [900.0] * 10


@pytest.fixture
def run(build):
    """A run of 60 s with a fault in seconds 20 to 30, good but for the seconds stated."""

    def make(changed=None, waits=(), faults=None, last=60):
        rows = [(changed or {}).get(second) or build.second(second, GOOD) for second in range(10, last)]
        return build.samples(*rows, waits=build.waits(*waits), faults={"slow": FAULT} if faults is None else faults)

    return make


def seconds(build, numbers, latencies=GOOD, **counts):
    return {number: build.second(number, latencies, **counts) for number in numbers}


def test_service_good_at_once_recovers_at_the_heal(run):
    """The first whole second after the heal and the two after it are as before."""
    assert recovery_of("slow", run()).after_s == 0.0


def test_recovery_counts_from_the_heal_to_a_whole_second(run):
    """A heal in the middle of a second counts from there to the next whole second."""
    assert recovery_of("slow", run(faults={"slow": Span(20.2, 30.25)})).after_s == 0.75


def test_slow_answers_after_the_heal_are_no_recovery(run, build):
    """Five seconds of slow answers after the heal are five seconds of recovery."""
    assert recovery_of("slow", run(seconds(build, range(30, 35), SLOW))).after_s == 5.0


def test_errors_after_the_heal_are_no_recovery(run, build):
    """Undeclared answers count as much as slow ones, at any speed."""
    assert recovery_of("slow", run(seconds(build, range(30, 34), errors=1))).after_s == 4.0


def test_unanswered_requests_after_the_heal_are_no_recovery(run, build):
    """Time-outs count as much as errors."""
    assert recovery_of("slow", run(seconds(build, range(30, 34), unknown=1))).after_s == 4.0


def test_declared_refusals_are_no_illness(run, build):
    """`sold out` is a right answer."""
    assert recovery_of("slow", run(seconds(build, range(30, 60), refused=5))).after_s == 0.0


def test_two_good_seconds_are_not_enough(run, build):
    """A relapse in the third second starts the count anew."""
    assert recovery_of("slow", run(seconds(build, (32,), SLOW))).after_s == 3.0


def test_a_second_without_requests_is_passed_over(run, build):
    """An empty second neither proves health nor ends a row of good seconds."""
    empty = seconds(build, (31, 32), ())
    relapse = seconds(build, (35,), SLOW)
    assert recovery_of("slow", run(empty | seconds(build, (30,), SLOW) | relapse)).after_s == 6.0
    assert recovery_of("slow", run(empty)).after_s == 0.0


def test_errors_before_the_fault_are_the_level_to_come_back_to(run, build):
    """A service that failed one request in eleven before need not be better after."""
    assert recovery_of("slow", run(seconds(build, range(10, 60), errors=1))).after_s == 0.0


def test_a_few_slow_answers_are_no_median(run, build):
    """Four answers of another step are too few to speak of its median."""
    rows = [build.second(second, GOOD) for second in range(10, 60)]
    rows += [build.second(second, [20.0] * 4, step="pay") for second in range(10, 20)]
    rows += [build.second(second, [900.0] * 4, step="pay") for second in range(30, 40)]
    samples = build.samples(*rows, faults={"slow": FAULT})
    assert recovery_of("slow", samples).after_s == 0.0


def test_people_still_waiting_for_codes_put_recovery_off(run):
    """Who asked during the fault and gets the code eight seconds after the heal holds recovery up until then."""
    recovery = recovery_of("slow", run(waits=[(12.0, 0.4), (25.0, 13.0)]))
    assert recovery.after_s == 7.0  # second 37 ends as the code comes


def test_new_waits_that_grow_overdue_put_recovery_off(run):
    """A wait begun after the heal that lasts five seconds is overdue from two seconds on."""
    assert recovery_of("slow", run(waits=[(30.5, 5.0)])).after_s == 5.0


def test_usual_waits_are_measured_before_the_fault(run):
    """Where people waited four seconds before the fault, seven and a half around the heal are no illness."""
    assert recovery_of("slow", run(waits=[(12.0, 4.0), (13.0, 4.0), (26.0, 7.5)])).after_s == 0.0


def test_a_code_that_never_comes_is_no_recovery(run, gate):
    """Whoever asked during the fault and never saw a code: not recovered, the gate fails and says why."""
    [result] = judge([gate("recovery(slow) < 30s")], run(waits=[(25.0, None), (26.0, None)]))
    assert (result.verdict, result.figure) == (GateVerdict.FAILED, "never")
    assert result.note == "no recovery: 2 people were still waiting for a code at the end"


def test_illness_to_the_end_is_no_recovery(run, build):
    """Slow to the last second: infinite."""
    recovery = recovery_of("slow", run(seconds(build, range(30, 60), SLOW)))
    assert (recovery.after_s, recovery.note) == (inf, "no recovery until the end of the run")


NOTHING_TO_SAY = [
    ({"faults": {}}, "the fault was not confirmed"),
    ({"faults": {"slow": Span(20.0)}}, "the fault was not healed"),
    ({"faults": {"slow": Span(5.0, 30.0)}}, "nothing was measured before the fault"),
    ({"last": 32}, "only 2 seconds with requests after the heal"),
]


@pytest.mark.parametrize(("parts", "note"), NOTHING_TO_SAY)
def test_recovery_without_evidence_is_no_data(run, gate, parts, note):
    """No window, nothing before it or too little after it: no figure, and the gate does not pass."""
    [result] = judge([gate("recovery(slow) < 30s")], run(**parts))
    assert (result.verdict, result.note) == (GateVerdict.NO_DATA, note)
