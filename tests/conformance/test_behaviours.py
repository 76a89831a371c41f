"""Over real sockets the engine and a real Toxiproxy show the same, but for the differences in the catalogue."""

import pytest

from tests.conformance.catalogue import BEHAVIOURS


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.name)
def test_a_server_shows_exactly_what_is_expected_of_it(bench, behaviour):
    """A change in either server shows here, be it for the better."""
    assert behaviour.drive(bench) == behaviour.expected(bench.server.kind)


def test_the_catalogue_tells_its_behaviours_apart():
    """No name twice, a deed for each, and no difference that is none or has no reason."""
    assert len({behaviour.name for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)
    for behaviour in BEHAVIOURS:
        assert behaviour.deed
        if behaviour.engine:
            assert behaviour.engine.why
            assert behaviour.engine.shows != behaviour.toxiproxy
