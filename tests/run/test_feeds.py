"""The feeds at the end of a run: read against the flow of money, and what cannot be read is named."""

from pathlib import Path

import pytest

from loket.records import Bill, Entry, Event, encode
from loket.run.collector import Collector
from loket.run.feed_reader import FeedReader
from loket.run.money import money_on_its_way
from loket.run_directory import RunDirectory
from loket.stack.settings import Feed, Feeds

FEEDS = Feeds(service=Feed("http://s", "t"), simponi=Feed("http://g", "t"), bank=Feed("http://b", "t"))
DEBIT = Entry(seq=1, unix_ns=1, type="debited", billing_code="c", amount_idr=1, ntb="n", channel="atm")
BILL = Bill(billing_code="c", reference="a", amount_idr=1, state="paid", issued_unix_ns=1, ntb="n")
PAID = Event(seq=4, unix_ns=1, type="paid", application_id="a", billing_code="c")


class Told:
    """What the feeds say, and the order in which they were asked."""

    def __init__(self) -> None:
        self.events = b""
        self.asked: list[str] = []

    def answer(self, name: str, content: bytes) -> bytes:
        self.asked.append(name)
        return content

    def events_after(self, after: int) -> bytes:
        return self.answer("events", b"" if after else self.events)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Feeds of a bank with one debit that its bill has been paid with; the service's events are the test's."""
    told = Told()
    monkeypatch.setattr(FeedReader, "ledger", lambda reader, feed: told.answer("ledger", encode(DEBIT)))
    monkeypatch.setattr(FeedReader, "bills", lambda reader, feed: told.answer("bills", encode(BILL)))
    monkeypatch.setattr(FeedReader, "events", lambda reader, feed, after: told.events_after(after))
    return told


def test_money_is_on_its_way_until_the_service_says_paid(told: Told) -> None:
    """The gateway knows of it, the service not yet; then it does, and stays so."""
    ask = money_on_its_way(FEEDS)
    assert ask() == {"unsettled_money": 1}
    told.events = encode(PAID)
    assert ask() == ask() == {"unsettled_money": 0}
    told.events = b""
    assert ask() == {"unsettled_money": 0}


def test_a_feed_that_cannot_be_read_is_not_taken_for_quiet(told: Told) -> None:
    """Bytes that are no event: whether money is on its way is then not known."""
    told.events = b'{"type":"\xff"}\n'
    assert money_on_its_way(FEEDS)() == {"money_unknown": 1}


@pytest.mark.parametrize("line", [b'{"seq":1,"unix_ns":1,"type":"\xff"}\n', b"{\n"])
def test_a_feed_that_is_not_what_it_should_be_is_missing(line: bytes, told: Told, tmp_path: Path) -> None:
    """It is named with the reason, the others are kept, and the events come last: nothing earlier is news to them."""
    told.events = line
    run = RunDirectory(tmp_path)
    collector = Collector(run, FEEDS)
    collector.start()
    missing = collector.finish()
    assert list(missing) == ["events"]
    assert missing["events"]
    assert told.asked[-3:] == ["ledger", "bills", "events"]
    assert list(run.ledger()) == [DEBIT]
    assert list(run.bills()) == [BILL]
