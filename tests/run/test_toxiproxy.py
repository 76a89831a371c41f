"""A real Toxiproxy in the engine's place: it carries a run, is left as it was found, and asked no more than it can."""

import json
import os
import signal
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos.conftest import running_toxiproxy
from tests.run.conftest import TINY, Run, until

OF_REQUESTS = TINY.replace("latency: {ms: 50}", "status: {code: 503}")


@pytest.fixture
def toxiproxy() -> Iterator[str]:
    """The URL of a `toxiproxy-server` that has a proxy of somebody else's."""
    with running_toxiproxy() as url:
        make_proxy(url, "somebody_elses")
        yield url


def make_proxy(url: str, name: str) -> None:
    body = json.dumps({"name": name, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"}).encode()
    urllib.request.urlopen(f"{url}/proxies", body, timeout=10).close()


def proxies(url: str) -> set[str]:
    with urllib.request.urlopen(f"{url}/proxies", timeout=10) as answer:
        return set(json.load(answer))


@pytest.mark.slow
def test_a_real_toxiproxy_carries_a_run_and_is_left_as_it_was(
    toxiproxy: str, start: Callable[..., Run], tiny: Callable[..., Path]
) -> None:
    """Every link and the fault; the report says who carried them; a proxy of somebody else's stays."""
    run = start(tiny(), "--toxiproxy-url", toxiproxy)
    run.await_fault()
    assert {"edge", "simponi", "callback", "somebody_elses"} <= proxies(toxiproxy)
    assert run.end() == 0, run.out.read_text() + run.said
    assert run.timeline("healed")
    assert proxies(toxiproxy) == {"somebody_elses"}
    assert toxiproxy in (run.root / "report.html").read_text()
    run.assert_whole()


@pytest.mark.slow
def test_a_runner_killed_at_once_leaves_no_fault_on_a_server_without_leases(
    toxiproxy: str, start: Callable[..., Run], tiny: Callable[..., Path]
) -> None:
    """What it had put there is taken away by whoever outlives it."""
    run = start(tiny(), "--toxiproxy-url", toxiproxy)
    run.await_fault()
    os.kill(run.process.pid, signal.SIGKILL)
    until(lambda: proxies(toxiproxy) == {"somebody_elses"}, "the links taken away")
    run.end()


@pytest.mark.slow
@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_what_it_cannot_carry_is_refused_before_the_run(
    toxiproxy: str, start: Callable[..., Run], tiny: Callable[..., Path], dry: list[str]
) -> None:
    """The fault and what could be done are named; no directory is made, and nothing is started there."""
    run = start(tiny(OF_REQUESTS), "--toxiproxy-url", toxiproxy, *dry)
    assert run.end() == 2
    assert "cannot make slow (status)" in run.said
    assert not list(run.runs.glob("2*"))
    assert proxies(toxiproxy) == {"somebody_elses"}


@pytest.mark.slow
def test_a_server_with_a_link_of_that_name_is_refused(
    toxiproxy: str, start: Callable[..., Run], tiny: Callable[..., Path]
) -> None:
    """Somebody else's proxy is not taken for a link of the run."""
    make_proxy(toxiproxy, "edge")
    run = start(tiny(), "--toxiproxy-url", toxiproxy)
    assert run.end() == 2
    assert "proxies of its own named edge" in run.said
    assert proxies(toxiproxy) == {"edge", "somebody_elses"}
