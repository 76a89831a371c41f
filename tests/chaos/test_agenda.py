"""The agenda on a fake clock and a fake network: what is done when, and what is recorded of it."""

from collections.abc import Callable

import pytest

from chaos.agenda import Agenda, FailureKind, FaultRow
from chaos.errors import NetworkError, Refused, Unreachable
from chaos.faults import Fault

MakeFault = Callable[..., Fault]
ORIGIN_NS = 1_000_000_000_000


class FakeNetwork:
    """Remembers which faults stand; fails as it is told to."""

    lease_ttl_s = 2.0

    def __init__(self) -> None:
        self.standing: list[str] = []
        self.renewals = 0
        self.apply_error: NetworkError | None = None
        self.heal_errors_left = 0
        self.dropped: list[str] = []

    def apply(self, fault: Fault) -> None:
        if self.apply_error:
            raise self.apply_error
        self.standing.append(fault.name)

    def heal(self, fault: Fault) -> None:
        if self.heal_errors_left:
            self.heal_errors_left -= 1
            raise Unreachable("http://engine", "no answer in time", definite=False)
        if fault.name in self.standing:
            self.standing.remove(fault.name)

    def renew(self) -> bool:
        self.renewals += 1
        return True

    def lost(self) -> list[str]:
        return self.dropped


class Stage:
    """An agenda, its network, its record, and the clock that `play` moves from task to task."""

    def __init__(self, *faults: Fault) -> None:
        self.now_ns = ORIGIN_NS
        self.network = FakeNetwork()
        self.rows: list[FaultRow] = []
        self.agenda = Agenda(faults, self.network, 10.0, lambda: self.now_ns, ORIGIN_NS, self.rows.append)

    def play(self, until_s: float = 1e6) -> None:
        """Perform every task due by `until_s` of the run, each at its own time."""
        until_ns = ORIGIN_NS + round(until_s * 1e9)
        while (due_ns := self.agenda.due_ns) is not None and due_ns <= until_ns:
            self.now_ns = max(self.now_ns, due_ns)
            self.agenda.perform()
        self.now_ns = max(self.now_ns, until_ns)

    def told(self) -> list[tuple[float, str, str]]:
        """(second of the run, type, fault) of every row."""
        return [((row.mono_ns - ORIGIN_NS) / 1e9, row.type, row.fault) for row in self.rows]


def test_a_fault_is_applied_and_healed_at_its_instants(make_fault: MakeFault) -> None:
    """Requested and confirmed at its beginning, heal requested and healed at its end, relative to the opening."""
    stage = Stage(make_fault(name="slow", at="opens+2s", latency={"ms": 3000, "jitter_ms": 800}, **{"for": "20s"}))
    stage.play()
    assert stage.told() == [
        (12.0, "requested", "slow"),
        (12.0, "confirmed", "slow"),
        (32.0, "heal_requested", "slow"),
        (32.0, "healed", "slow"),
    ]
    assert stage.rows[0] == FaultRow(
        mono_ns=ORIGIN_NS + 12_000_000_000,
        source="timeline",
        type="requested",
        link="simponi",
        fault="slow",
        toxic="fault_slow",
        detail="SIMPONI answers 3000 ± 800 ms later",
    )
    assert stage.agenda.failures == []


def test_overlapping_faults_keep_their_own_times(make_fault: MakeFault) -> None:
    """Each begins and ends by itself."""
    stage = Stage(make_fault(name="a", at="1s", **{"for": "4s"}), make_fault(name="b", at="2s", **{"for": "1s"}))
    stage.play(until_s=2.5)
    assert stage.network.standing == ["a", "b"]
    stage.play(until_s=3.5)
    assert stage.network.standing == ["a"]
    stage.play()
    assert [(at_s, name) for at_s, kind, name in stage.told() if kind == "healed"] == [(3.0, "b"), (5.0, "a")]


def test_a_fault_bound_to_an_event_counts_from_when_it_came(make_fault: MakeFault) -> None:
    """Nothing is due before; told late, it still begins as long after the event as was asked, and ends in its time."""
    stage = Stage(
        make_fault(name="at_once", at="sold_out", **{"for": "1s"}),
        make_fault(name="later", at="sold_out+5s", **{"for": "2s"}),
        make_fault(name="other", at="first_code", **{"for": "1s"}),
    )
    assert stage.agenda.due_ns is None
    assert stage.agenda.awaited == {"sold_out", "first_code"}
    stage.now_ns = ORIGIN_NS + 20_050_000_000
    stage.agenda.happened("sold_out", ORIGIN_NS + 20_000_000_000)
    stage.agenda.happened("sold_out", ORIGIN_NS + 90_000_000_000)
    assert stage.agenda.awaited == {"first_code"}
    stage.play(until_s=100)
    assert [(at_s, name) for at_s, kind, name in stage.told() if kind == "requested"] == [
        (20.05, "at_once"),
        (25.0, "later"),
    ]
    assert [(at_s, name) for at_s, kind, name in stage.told() if kind == "healed"] == [
        (21.0, "at_once"),
        (27.0, "later"),
    ]
    stage.agenda.stop()
    (failure,) = stage.agenda.failures
    assert str(failure) == "fault other never began: first_code did not come"


def test_what_ends_at_an_instant_goes_before_what_begins(make_fault: MakeFault) -> None:
    """Two faults back to back never stand together, in whatever order they are written."""
    stage = Stage(make_fault(name="later", at="5s"), make_fault(name="sooner", at="1s", **{"for": "4s"}))
    stage.play(until_s=5.0)
    order = [(kind, name) for _, kind, name in stage.told()]
    assert order.index(("healed", "sooner")) < order.index(("requested", "later"))


def test_the_lease_is_renewed_four_times_a_life_while_a_fault_stands(make_fault: MakeFault) -> None:
    """A lease of 2 s is renewed each half second between the first beginning and the last end, and never else."""
    stage = Stage(
        make_fault(name="a", at="1s", **{"for": "3s"}),
        make_fault(name="b", at="2s", **{"for": "1s"}),
        make_fault(name="c", at="60s", **{"for": "1s250ms"}),
    )
    stage.play(until_s=0.9)
    assert stage.network.renewals == 0
    stage.play(until_s=59.0)
    assert stage.network.renewals in (5, 6)  # the last falls on the end itself
    before = stage.network.renewals
    stage.play()
    assert stage.network.renewals - before == 2


def test_a_fault_that_could_not_be_applied_is_a_failure(make_fault: MakeFault) -> None:
    """It is recorded as failed with its reason, named among the failures, and not healed: it never was."""
    stage = Stage(make_fault(at="1s"))
    stage.network.apply_error = Refused(404, "proxy not found")
    stage.play()
    assert stage.told() == [(1.0, "requested", "silence"), (1.0, "failed", "silence")]
    (failure,) = stage.agenda.failures
    assert (failure.fault, failure.kind) == ("silence", FailureKind.NOT_APPLIED)
    assert str(failure) == stage.rows[-1].detail
    assert str(failure) == "fault silence could not be applied: the fault engine refused (404): proxy not found"


def test_a_fault_that_may_have_been_applied_is_healed_at_once(make_fault: MakeFault) -> None:
    """After a time-out nobody knows whether the fault stands, so it must not be left to."""
    stage = Stage(make_fault(at="1s"))
    stage.network.apply_error = Unreachable("http://engine", "no answer in time", definite=False)
    stage.play()
    assert [kind for _, kind, _ in stage.told()] == ["requested", "failed", "heal_requested", "healed"]


def test_a_failed_heal_is_tried_again_until_it_works(make_fault: MakeFault) -> None:
    """The heal is recorded when it happened, and is no failure."""
    stage = Stage(make_fault(at="1s", **{"for": "1s"}))
    stage.network.heal_errors_left = 5
    stage.play()
    assert stage.told()[-2:] == [(2.0, "heal_requested", "silence"), (2.5, "healed", "silence")]
    assert stage.agenda.failures == []
    assert stage.network.standing == []


def test_a_heal_that_never_works_is_given_up_and_named(make_fault: MakeFault) -> None:
    """The timeline ends; the failure says which fault stands."""
    stage = Stage(make_fault(at="1s", **{"for": "1s"}))
    stage.network.heal_errors_left = 10_000
    stage.play()
    assert [failure.kind for failure in stage.agenda.failures] == [FailureKind.NOT_HEALED]
    assert stage.told()[-1] == (12.0, "failed", "silence")


def test_a_fault_that_vanished_is_a_failure(make_fault: MakeFault) -> None:
    """A lease that ran out while the runner was stopped ends the fault early: the run must say so, once."""
    stage = Stage(make_fault(at="1s", **{"for": "20s"}))
    stage.play(until_s=3.0)
    stage.network.dropped = ["silence", "not ours"]
    stage.play()
    assert [failure.kind for failure in stage.agenda.failures] == [FailureKind.ENDED_EARLY]
    assert [kind for _, kind, _ in stage.told()][2:] == ["failed", "heal_requested", "healed"]


@pytest.mark.parametrize("times", [1, 2])
def test_stop_heals_what_stands_and_begins_nothing_more(make_fault: MakeFault, times: int) -> None:
    """However often it is called: the fault under way heals now; the one to come never begins, which is told once."""
    stage = Stage(make_fault(name="now", at="1s"), make_fault(name="later", at="30s"))
    stage.play(until_s=5.0)
    for _ in range(times):
        stage.agenda.stop()
    stage.play()
    assert stage.told()[2:] == [(5.0, "heal_requested", "now"), (5.0, "healed", "now")]
    assert stage.network.standing == []
    assert [str(failure) for failure in stage.agenda.failures] == [
        "fault later never began: the timeline was stopped first"
    ]


def test_stop_does_not_forget_a_heal_that_is_being_retried(make_fault: MakeFault) -> None:
    """A fault between two attempts to heal it is still healed."""
    stage = Stage(make_fault(at="1s", **{"for": "1s"}))
    stage.network.heal_errors_left = 3
    stage.play(until_s=2.15)
    stage.agenda.stop()
    stage.play()
    assert stage.told()[-1][1:] == ("healed", "silence")
    assert stage.network.standing == []


def test_a_record_that_fails_does_not_stop_the_healing(make_fault: MakeFault) -> None:
    """A full disk costs the rows, each named as a failure, and never leaves a fault behind."""
    stage = Stage(make_fault(at="1s", **{"for": "1s"}))

    def refuse(row: FaultRow) -> None:
        raise OSError("no space left")

    stage.agenda._record = refuse
    stage.play(until_s=1.5)
    assert stage.network.standing == ["silence"]
    stage.play()
    assert stage.network.standing == []
    assert {failure.kind for failure in stage.agenda.failures} == {FailureKind.NOT_RECORDED}
    assert len(stage.agenda.failures) == 4
