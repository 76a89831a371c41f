"""Whatever SIMPONI does and whenever the bank restarts: one debit a key, and every debit comes to one end."""

from collections import defaultdict
from random import Random

import msgspec
import pytest

from loket.records import Entry
from mock_mpaspor.outside.bank.ledger import Line, Movement

REFUSED = (410, b'{"error":{"code":"bill_void","message":"","definite":true}}')


class MoodyGateway:
    """Takes or refuses each ntb for good, and loses a share of its answers on the way."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.lost = 0.6
        self.taken: dict[str, bool] = {}

    def reply(self, seen):
        ntb = msgspec.json.decode(seen.body)["ntb"]
        mood = self._rng.random()
        if mood < self.lost / 2:
            return 503, b""  # refused before it was looked at
        taken = self.taken.setdefault(ntb, self._rng.random() < 0.7)
        if mood < self.lost:
            return None
        return (201, b'{"ntpn":"ABCDEFGH12345678","paid_at":""}') if taken else REFUSED


@pytest.mark.parametrize("seed", range(6))
def test_every_debit_comes_to_exactly_one_end(open_a_bank, gateway, clock, tmp_path, seed):
    """After lost answers, repeats and restarts: returned where SIMPONI refused, kept where it took the money."""
    rng = Random(seed)
    moody = MoodyGateway(rng)
    gateway.reply = moody.reply
    bank = open_a_bank()
    for _ in range(40):
        order = {"billing_code": f"8{rng.randrange(5):014d}", "amount_idr": 350_000, "channel": "pos"}
        bank.call("POST", "/pay", order, Idempotency_Key=f"{order['billing_code']}-{rng.randrange(3)}")
        if rng.random() < 0.15:
            bank.close()
            bank = open_a_bank()
        clock.advance(rng.uniform(0, 1))
        bank.errands.run_due()
    moody.lost = 0.0
    while bank.errands.pending():
        clock.advance(1.0)
        bank.errands.run_due()
    assert_conserved(bank, moody)
    lines = (tmp_path / "ledger.ndjson").read_bytes().splitlines()
    written = [msgspec.json.decode(line, type=Line) for line in lines]
    keys = [line.key for line in written if line.type is Movement.DEBITED]
    assert len(keys) == len(set(keys)) > 5


def assert_conserved(bank, moody: MoodyGateway) -> None:
    lines = bank.call("GET", "/feed/ledger", Authorization="Bearer feed-token").data.splitlines()
    story = defaultdict(list)
    for entry in (msgspec.json.decode(line, type=Entry) for line in lines):
        story[entry.ntb].append(entry.type)
    assert {ntb: moody.taken[ntb] for ntb in story} == moody.taken
    for ntb, types in story.items():
        assert types == (["debited"] if moody.taken[ntb] else ["debited", "returned"])
