"""Client network profiles against the table that they come from."""

import pytest

from chaos.profiles import PROFILES

TABLE = {
    "java_4g": (30, 15, 5000, 1300, 0.0),
    "java_congested": (80, 60, 2000, 500, 0.005),
    "kupang_4g": (60, 30, 2500, 1000, 0.005),
    "kepri_island": (90, 80, 1000, 400, 0.01),
    "remote_satellite": (650, 100, 1250, 375, 0.02),
}


def test_every_profile_of_the_table_is_there() -> None:
    """No profile is missing, none was made up."""
    assert PROFILES.keys() == TABLE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_the_toxics_add_up_to_the_profile(name: str) -> None:
    """Both halves make the whole round trip; either stream has its own rate; resets hit their share."""
    latency_ms, jitter_ms, down_kbps, up_kbps, reset_share = TABLE[name]
    toxics = PROFILES[name].toxics()
    latencies = [toxic for toxic in toxics if toxic.type == "latency"]
    assert {toxic.stream for toxic in latencies} == {"upstream", "downstream"}
    assert sum(toxic.attributes["latency"] for toxic in latencies) == latency_ms
    assert sum(toxic.attributes["jitter"] for toxic in latencies) == jitter_ms
    assert {toxic.stream: toxic.attributes["rate"] for toxic in toxics if toxic.type == "bandwidth"} == {
        "downstream": down_kbps,
        "upstream": up_kbps,
    }
    assert sum(toxic.toxicity for toxic in toxics if toxic.type == "reset_peer") == reset_share
    assert len({toxic.name for toxic in toxics}) == len(toxics)
