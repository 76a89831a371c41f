"""People on several networks in one run: each by their own way in, and a fault of one network hits those alone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loket.run_directory import RunDirectory
from tests.run.conftest import TINY, Run

MIXED = TINY.replace("workers: WORKERS", "workers: WORKERS, profiles: {java_4g: 0.5, kupang_4g: 0.5}").replace(
    "  - {name: slow, link: edge, at: opens, for: 9s, latency: {ms: 50}}",
    """\
  - {name: slow, link: edge, at: opens, for: 9s, latency: {ms: 50}}
  - {name: gone, link: edge, at: opens+1s, for: 1s, profile: kupang_4g, down: true}""",
)


@pytest.mark.slow
def test_people_on_two_networks_take_two_ways_in(start: Callable[..., Run], tiny: Callable[..., Path]) -> None:
    """The journal says who was on which; the engine carried both, disturbed both by one fault and one by the other."""
    run = start(tiny(MIXED))
    assert run.end() == 0, run.out.read_text() + run.said
    directory = RunDirectory(run.root)
    assert {visit.profile for visit in directory.visits()} == {"java_4g", "kupang_4g"}
    engine = [row for row in directory.faults() if row.source == "engine"]
    assert {row.link for row in engine if row.toxic == "fault_slow"} >= {"edge.java_4g", "edge.kupang_4g"}
    opened = {row.link for row in engine if row.type == "connection_opened" and (row.link or "").startswith("edge")}
    assert opened == {"edge.java_4g", "edge.kupang_4g"}
    switched = [row.link for row in engine if row.type == "proxy_disabled" and row.link != "edge"]
    assert switched[0] == "edge.kupang_4g"
    run.assert_whole()
