"""A cut on the way of money, over the payment deadline: a correct service is never called wrong for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
LATE = """\
title: A dozen people pay, and the way of their money is cut until the deadline has passed
scenario: quota_rush
seed: 7
office: belakang_padang
load: {people: 12, places: 6, opens_at: 3s, rush: 4s, drain: 6s, patience: 6s}
service: {payment_deadline: 4s, hold_ttl: 3s, code_patience: 6s, quiesce: 20s, dukcapil: {median: 5ms}}
faults:
  - {name: cut, link: LINK, at: opens, for: 9s, down: true}
"""


@pytest.mark.parametrize("link", ["bank", "callback"])
def test_money_that_comes_after_the_healing_is_awaited(
    link: str, start: Callable[..., object], tiny: Callable[..., Path]
) -> None:
    """Every debit has come to rest before the audit: none stands that the service does not know of."""
    run = start(tiny(LATE.replace("LINK", link)))
    code = run.end()
    found = {check["name"]: (check["verdict"], check.get("violations")) for check in run.verdict["checks"]}
    assert found["money honoured"][0] == "holds", found
    assert code != 3, run.out.read_text()
    assert '"debited"' in (run.root / "ledger.ndjson").read_text()
