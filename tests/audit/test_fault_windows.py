"""A fault's window, read from the timeline's rows: the same for the audit, the gates and the charts."""

import pytest

from loket.fault_windows import FaultWindow, windows_of
from loket.gate.phases import Span, fault_windows
from loket.records import FaultEntry
from loket.report.timeline import Timeline, Window

NS = 1_000_000_000
ORIGIN_NS = 5 * NS

# A heal that had to be repeated: the connection broke after the first.
REPEATED = ((1, "requested"), (2, "confirmed"), (8, "heal_requested"), (9, "healed"), (12, "healed"))
UNSURE = ((1, "requested"), (2, "failed"), (3, "heal_requested"))


def rows(moments, fault="slow", source="timeline"):
    """The timeline's rows at these seconds of the run."""
    return [
        FaultEntry(
            mono_ns=ORIGIN_NS + second * NS, source=source, type=kind, fault=fault, link="simponi", detail=f"{kind} it"
        )
        for second, kind in moments
    ]


def test_a_window_holds_every_moment_of_its_fault():
    """The request's own words say what it is; of several heals the last counts."""
    [window] = windows_of(rows(REPEATED))
    at = {"requested": 6 * NS, "confirmed": 7 * NS, "heal_requested": 13 * NS, "healed": 17 * NS}
    assert window == FaultWindow("slow", "simponi", "requested it", *at.values())


def test_audit_gates_and_chart_see_one_window():
    """A repeated heal ends the fault for all of them at the same instant."""
    log = rows(REPEATED)
    [window] = windows_of(log)
    assert fault_windows(log, ORIGIN_NS) == {"slow": Span(2.0, 12.0)}
    assert Timeline(60.0, faults=(window.span(ORIGIN_NS),)).fault_windows() == (Window("slow", 2.0, 12.0),)
    assert window.overlaps(ORIGIN_NS + 11 * NS, ORIGIN_NS + 11 * NS)
    assert not window.overlaps(ORIGIN_NS + 13 * NS, ORIGIN_NS + 14 * NS)


OVERLAPS = [
    (((4, "requested"), (6, "confirmed")), 1, 3, False),
    (((4, "requested"), (6, "confirmed")), 1, 5, True),  # before its confirmation came back
    (((4, "requested"), (6, "confirmed")), 50, 60, True),  # never healed
    (((4, "requested"), (6, "confirmed"), (9, "healed")), 9, 10, True),
    (((4, "requested"), (6, "confirmed"), (9, "failed")), 50, 60, True),  # ended early, perhaps; never healed
    (((1, "requested"), (2, "failed")), 1, 60, False),  # refused
    (UNSURE, 50, 60, True),
    ((*UNSURE, (4, "failed")), 50, 60, True),
    ((*UNSURE, (4, "healed")), 50, 60, False),
]


@pytest.mark.parametrize(("moments", "begun_s", "ended_s", "overlaps"), OVERLAPS)
def test_a_fault_may_act_from_its_request_to_its_heal(moments, begun_s, ended_s, overlaps):
    """Unless the network definitely refused it; one that it may have taken counts until it is healed."""
    [window] = windows_of(rows(moments))
    assert window.overlaps(ORIGIN_NS + begun_s * NS, ORIGIN_NS + ended_s * NS) is overlaps


def test_the_chart_leaves_out_what_the_audit_leaves_out():
    """A refused fault has no stretch of its own anywhere."""
    [window] = windows_of(rows([(1, "requested"), (2, "failed")]))
    assert Timeline(60.0, faults=(window.span(ORIGIN_NS),)).fault_windows() == ()


def test_the_engines_rows_make_no_window():
    """The decision log names connections and toxics; faults are the timeline's."""
    assert windows_of(rows(REPEATED, source="engine") + rows(REPEATED, fault=None)) == ()


def test_faults_stand_in_the_order_of_their_requests():
    """Their rows may be mixed."""
    log = rows([(1, "requested")], "b") + rows([(2, "requested")], "a") + rows([(3, "healed")], "b")
    assert [window.fault for window in windows_of(log)] == ["b", "a"]
