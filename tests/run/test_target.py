"""A service of one's own: the load goes there through the fault engine, and what it does not tell is not judged."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loket.stack.embedded import EmbeddedStack
from loket.stack.keeper import Keeper
from loket.stack.settings import StackSettings

OWN = """\
title: A dozen people come to a service of one's own
scenario: quota_rush
seed: SEED
office: belakang_padang
load: {people: 12, places: 6, opens_at: 3s, rush: 4s, drain: 6s, patience: 6s}
target: {service: "SERVICE", bank: "BANK"}
faults:
  - {name: slow, link: edge, at: opens, for: 3s, latency: {ms: 50}}
gates:
  - hold_slot.p95 < 5s
"""


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[EmbeddedStack]:
    """A stack that stands for somebody's own service: no part of it belongs to the run."""
    keeper = Keeper(tmp_path / "keeper.log")
    settings = StackSettings(
        payment_deadline_s=4, hold_ttl_s=3, code_patience_s=6, dukcapil_median_ms=5, threads=8, seed=7
    )
    stack = EmbeddedStack(tmp_path / "own", settings, keeper, "own", tmp_path / "own-faults.ndjson")
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        keeper.dismiss()


@pytest.mark.slow
def test_a_target_is_loaded_through_the_edge_and_judged_by_what_it_tells(
    own_service: EmbeddedStack, start: Callable[..., object], tiny: Callable[..., Path]
) -> None:
    """With its events opened the service is audited; without, no check is passed and none is held against the run."""
    text = OWN.replace("SERVICE", own_service.addresses.service).replace("BANK", own_service.addresses.bank)
    admin = {"LOKET_ADMIN_TOKEN": own_service.tokens.admin}
    told = start(tiny(text.replace("SEED", "7")), environ=admin | {"LOKET_AUDIT_TOKEN": own_service.tokens.audit})
    assert told.end() == 0, told.out.read_text() + told.said
    verdicts = {check["name"]: check["verdict"] for check in told.verdict["checks"]}
    assert verdicts["no overbooking"] == "holds"
    assert verdicts["money honoured"] == "not checked"
    assert [gate["gate"] for gate in told.verdict["gates"]] == ["hold_slot.p95 < 5s"]
    assert told.timeline("healed")
    told.assert_whole()
    silent = start(tiny(text.replace("SEED", "8")), environ=admin)
    assert silent.end() == 0, silent.out.read_text() + silent.said
    assert {check["verdict"] for check in silent.verdict["checks"]} == {"not checked"}
    silent.assert_whole()
    assert own_service.dead() == {}


@pytest.mark.slow
def test_a_target_that_is_not_there_makes_the_run_invalid(
    start: Callable[..., object], tiny: Callable[..., Path], free_port: int
) -> None:
    """The sentence names the address; no crowd is sent against nothing."""
    url = f"http://127.0.0.1:{free_port}"
    run = start(tiny(OWN.replace("SERVICE", url).replace("BANK", url).replace("SEED", "7")))
    assert run.end() == 4
    assert f"nobody listens at the target, {url}" in run.reasons()
    run.assert_whole()
