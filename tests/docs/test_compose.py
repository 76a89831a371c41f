"""docker-compose.yml: the Toxiproxy that may carry a run is the one that ours is compared with, and harms nobody."""

from pathlib import Path

import pytest
import yaml

from chaos.engine import TOXIPROXY_VERSION

ROOT = Path(__file__).parents[2]
URL = "http://127.0.0.1:8474"


@pytest.fixture(scope="module")
def toxiproxy():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["toxiproxy"]


def test_the_image_is_the_version_that_the_engine_is_held_to(toxiproxy):
    """A pinned tag, and no other than the one of the conformance suite."""
    assert toxiproxy["image"] == f"ghcr.io/shopify/toxiproxy:{TOXIPROXY_VERSION}"


def test_it_listens_where_the_readme_looks_for_it_and_nowhere_else(toxiproxy):
    """On loopback of the host, on which the parts of a run listen too; nothing is published."""
    assert toxiproxy["network_mode"] == "host"
    assert "ports" not in toxiproxy
    flags = dict(zip(toxiproxy["command"][::2], toxiproxy["command"][1::2], strict=True))
    assert f"http://{flags['-host']}:{flags['-port']}" == URL
    assert f"--toxiproxy-url {URL}" in (ROOT / "README.md").read_text()
    assert URL in toxiproxy["healthcheck"]["test"]


def test_it_runs_without_rights(toxiproxy):
    """No root, no capability, no file of its own to write, and bounds on what it takes."""
    assert int(toxiproxy["user"].split(":")[0]) > 0
    assert toxiproxy["read_only"] is True
    assert toxiproxy["cap_drop"] == ["ALL"]
    assert {"mem_limit", "pids_limit"} <= set(toxiproxy)
