"""Which network a person is on: by the seed and their number alone, in the shares that the experiment says."""

from collections import Counter

import msgspec
import pytest

from loket.load.target import ForbiddenTarget, check_targets
from tests.load.scripted_visitor import PLAN

SHARES = {"java_4g": 0.7, "kepri_island": 0.2, "remote_satellite": 0.1}
EDGES = {name: f"http://127.0.0.1:{port}" for port, name in enumerate(SHARES, start=3)}
MIXED = msgspec.structs.replace(PLAN, shares=SHARES, edges=EDGES)


def test_a_person_keeps_their_network_from_run_to_run() -> None:
    """The same seed gives the same networks, another seed others; the shares come out as stated."""
    networks = [MIXED.profile_of(person) for person in range(5_000)]
    assert networks == [MIXED.profile_of(person) for person in range(5_000)]
    assert networks != [msgspec.structs.replace(MIXED, seed=6).profile_of(person) for person in range(5_000)]
    counted = Counter(networks)
    assert all(abs(counted[name] / 5_000 - share) < 0.03 for name, share in SHARES.items())


def test_a_network_has_its_own_way_in() -> None:
    """Without a mix everybody takes the one edge, on the one profile."""
    assert [MIXED.edge_of(name) for name in SHARES] == list(EDGES.values())
    alone = msgspec.structs.replace(PLAN, profile="java_4g")
    assert (alone.profile_of(1), alone.edge_of("java_4g")) == ("java_4g", PLAN.service_url)
    assert PLAN.profile_of(1) is None


def test_every_way_in_is_held_to_this_machine() -> None:
    """One address elsewhere among the edges is one too many."""
    check_targets(MIXED)
    abroad = msgspec.structs.replace(MIXED, edges=EDGES | {"java_4g": "http://10.0.0.1"})
    with pytest.raises(ForbiddenTarget, match=r"10\.0\.0\.1"):
        check_targets(abroad)
