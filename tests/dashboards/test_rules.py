"""Dashboards are code: every metric that a rule names is there when a real stack is scraped."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
import yaml

from loket.stack.embedded import EmbeddedStack
from loket.stack.keeper import Keeper
from loket.stack.settings import StackSettings

RULES = Path(__file__).resolve().parents[2] / "dashboards" / "prometheus" / "rules"
METRIC = re.compile(r"\b(?:mpaspor|outside|bank|simponi|dukcapil|loket)_[a-z_]+\b")


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[EmbeddedStack]:
    """The embedded stack, one release of places opened, so that every gauge has something to say."""
    keeper = Keeper(tmp_path / "keeper.log")
    settings = StackSettings(
        payment_deadline_s=60, hold_ttl_s=60, code_patience_s=60, dukcapil_median_ms=5, threads=4, seed=1
    )
    stack = EmbeddedStack(tmp_path, settings, keeper, "test", tmp_path / "faults.ndjson")
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        keeper.dismiss()


def metrics_of(url: str) -> set[str]:
    """Names of the families that a process exposes, with their types' suffixes."""
    text = urllib3.request("GET", f"{url}/metrics", timeout=5).data.decode()
    names = set(re.findall(r"^# TYPE (\S+)", text, flags=re.M))
    return names | {re.split(r"[{ ]", line)[0] for line in text.splitlines() if line and not line.startswith("#")}


def named_in_rules() -> set[str]:
    """Every metric that an expression of a rule file names."""
    expressions = [
        rule["expr"]
        for path in RULES.glob("*.yml")
        for group in yaml.safe_load(path.read_text())["groups"]
        for rule in group["rules"]
    ]
    return {name for expression in expressions for name in METRIC.findall(expression)}


@pytest.mark.slow
def test_every_metric_named_in_a_rule_exists(stack: EmbeddedStack) -> None:
    """An alert on a metric that nobody exposes never fires."""
    scraped: set[str] = set()
    for name, url in stack.addresses.described().items():
        if name != "edge":
            scraped |= metrics_of(url)
    assert named_in_rules() - scraped == set()


def test_the_rules_name_metrics() -> None:
    """The reading above would pass over rules that it cannot read."""
    assert {"mpaspor_outbox_depth", "mpaspor_quota_capacity", "mpaspor_requests_total"} <= named_in_rules()
