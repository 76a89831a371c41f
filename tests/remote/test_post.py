"""A remote worker's rows: whole, in order and once in the master's files, whatever happens on the way."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.load.journal import Journal, JournalBroken
from loket.load.remote.parcel import Kind, Parcel, Receipt, put_forward
from loket.load.remote.post import AGAIN_AFTER_NS, Post
from loket.load.remote.post_office import PostOffice
from loket.records import ClockReading, Mark, Operation, OperationType, Second, Shift, Visit
from loket.run_directory import RunDirectory

AHEAD_NS = 5_000_000_000


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self):
        self.now_ns = 1_000

    def __call__(self):
        return self.now_ns


class Way:
    """From a post to a post office: parcels pile up until `carry`, or are lost."""

    def __init__(self, directory, room_bytes=1_000_000, offset_ns=0):
        self.office = PostOffice(directory)
        self.office.open("w0")
        self.clock = Clock()
        self.parcels = []
        self.post = Post(self.parcels.append, offset_ns, room_bytes, self.clock)

    def carry(self, count=None):
        """Deliver the oldest `count` parcels, and their receipts."""
        for _ in range(len(self.parcels) if count is None else count):
            receipt = self.office.take("w0", self.parcels.pop(0), self.clock.now_ns)
            self.post.acknowledge(receipt)

    def wait_to_send_again(self):
        self.clock.now_ns += AGAIN_AFTER_NS
        self.post.dispatch()


@pytest.fixture
def directory(tmp_path):
    run = RunDirectory(tmp_path / "run")
    run.create()
    return run


@pytest.fixture
def way(directory):
    return Way(directory)


def shift(number, kind="tick"):
    return Shift(mono_ns=number, worker="w0", type=kind)


def written(directory):
    return [row.mono_ns for row in directory.shifts("w0")]


def test_a_journal_that_is_posted_leaves_the_files_of_one_that_is_written(directory, way, tmp_path):
    """The same rows make the same bytes in the same files, empty ones too."""
    here = RunDirectory(tmp_path / "here")
    journals = [Journal(here, "w0"), Journal(directory, "w0", way.post.writer_of)]
    for journal in journals:
        journal.shift(shift(1, "begin"))
        journal.operation(
            Operation(
                seq=1, mono_ns=2, worker="w0", user=3, type=OperationType.INVOKE, step="s", trace_id="t", intended_ns=1
            )
        )
        journal.visit(Visit(mono_ns=3, worker="w0", user=3, type="arrive", intended_ns=1))
        journal.second(Second(worker="w0", second=0, step="s", sent=1))
        journal.close()
    way.post.dispatch()
    way.carry()
    files = {path.relative_to(here.root): path.read_bytes() for path in here.root.rglob("*.ndjson")}
    assert {path.relative_to(directory.root): path.read_bytes() for path in directory.root.rglob("*.ndjson")} == files
    assert len(files) == 5


def test_nothing_is_made_where_the_worker_is(tmp_path, way):
    """A run directory of another host is not made here by mistake."""
    Journal(RunDirectory(tmp_path / "elsewhere"), "w0", way.post.writer_of)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (Kind.SHIFT, shift(10)),
        (Kind.MARKS, Mark(mono_ns=10, worker="w0", event="sold_out")),
        (Kind.PEOPLE, Visit(mono_ns=10, worker="w0", user=1, type="arrive", intended_ns=10)),
        (Kind.OPERATIONS, Operation(seq=10, mono_ns=10, worker="w0", user=10, type=OperationType.OK, step="s",
                                    trace_id="t", intended_ns=10)),
        (Kind.SERIES, Second(worker="w0", second=10, step="s", sent=10)),
    ],
)  # fmt: skip
def test_every_instant_of_a_row_is_put_on_the_clock_of_the_run(kind, row):
    """Its fields in `_ns`, and nothing else of it."""
    before, after = msgspec.structs.asdict(row), msgspec.structs.asdict(put_forward(kind, row, 7))
    assert {name for name in before if after[name] != before[name]} == {name for name in before if name[-3:] == "_ns"}
    assert all(after[name] == 17 for name in before if name[-3:] == "_ns")


def test_a_reading_of_the_clock_is_put_there_too_and_keeps_what_it_read():
    """Its offset is no instant."""
    row = ClockReading(mono_ns=10, worker="w0", offset_ns=10, uncertainty_ns=10)
    assert put_forward(Kind.CLOCK, row, 7) == msgspec.structs.replace(row, mono_ns=17)


def test_a_post_puts_rows_forward(directory):
    """What is written at the master's is in the master's time."""
    way = Way(directory, offset_ns=AHEAD_NS)
    way.post.put(Kind.SHIFT, shift(1))
    way.post.dispatch()
    way.carry()
    assert written(directory) == [AHEAD_NS + 1]


def test_a_parcel_that_is_lost_is_sent_again(directory, way):
    """And those after it wait for it: no line is ever written out of its order."""
    for number in (1, 2, 3):
        way.post.put(Kind.SHIFT, shift(number))
        way.post.dispatch()
    way.parcels.pop(0)
    way.carry()
    assert written(directory) == []
    for _ in range(3):
        way.wait_to_send_again()
        way.carry()
    assert written(directory) == [1, 2, 3]
    assert way.post.delivered


def test_a_parcel_that_comes_twice_is_written_once(directory, way):
    """Its receipt was lost, say."""
    way.post.put(Kind.SHIFT, shift(1))
    way.post.dispatch()
    way.office.take("w0", way.parcels[0], 0)
    way.wait_to_send_again()
    way.carry()
    assert written(directory) == [1]
    assert way.post.delivered


@given(losses=st.lists(st.booleans(), max_size=40), rows=st.integers(1, 30))
def test_every_row_arrives_once_and_in_order_over_any_way(tmp_path_factory, losses, rows):
    """Whichever parcels and receipts are lost, as long as one gets through in the end."""
    run = RunDirectory(tmp_path_factory.mktemp("run"))
    run.create()
    way, lost = Way(run), list(losses)
    for number in range(rows):
        way.post.put(Kind.SHIFT, shift(number))
        way.post.dispatch()
    for _ in range(rows + len(losses) + 1):
        while way.parcels:
            parcel = way.parcels.pop(0)
            if not (lost and lost.pop()):
                receipt = way.office.take("w0", parcel, way.clock.now_ns)
                if not (lost and lost.pop()):
                    way.post.acknowledge(receipt)
        way.wait_to_send_again()
    assert written(run) == list(range(rows))
    assert way.post.delivered


def test_a_post_that_is_full_stops_the_journal_for_good(directory):
    """Rows that were sent and not taken count too; a history with a hole must not go on after the hole."""
    way = Way(directory, room_bytes=200)

    def write(count):
        for number in range(count):
            way.post.put(Kind.SHIFT, shift(number))
            way.post.dispatch()

    with pytest.raises(JournalBroken, match="the buffer for the master is full"):
        write(100)
    before = len(way.parcels)
    way.carry()
    assert written(directory) == list(range(before))
    with pytest.raises(JournalBroken, match="is full"):
        way.post.put(Kind.SHIFT, shift(1))


def test_room_comes_back_with_the_receipt(directory):
    """What the master has taken is not kept here."""
    way = Way(directory, room_bytes=200)
    for number in range(100):
        way.post.put(Kind.SHIFT, shift(number))
        way.post.dispatch()
        way.carry()
    assert written(directory) == list(range(100))


def test_a_master_that_cannot_write_stops_the_worker(directory, way):
    """Its disk is full, or somebody else's file is in the way; nothing of this worker is written any more."""
    (directory.journal / "shift-w0.ndjson").write_text("of an earlier run\n")
    way.post.put(Kind.SHIFT, shift(1))
    way.post.dispatch()
    way.carry()
    with pytest.raises(JournalBroken, match=r"the master cannot write: .*shift-w0.ndjson: File exists"):
        way.post.put(Kind.SHIFT, shift(2))
    assert way.office.take("w0", Parcel(number=1, since_ns=0, lines={Kind.MARKS: b"{}\n"}), 0).broken
    assert not (directory.journal / "marks-w0.ndjson").exists()


def test_the_slowest_record_is_remembered(directory, way):
    """It says what a worker that is killed may take with it."""
    assert way.office.slowest_ms("w0") is None
    for wait_ns in (100_000_000, 300_000_000, 200_000_000):
        way.post.put(Kind.SHIFT, shift(1))
        way.clock.now_ns += wait_ns
        way.post.dispatch()
        way.carry()
    assert way.office.slowest_ms("w0") == 300.0


def test_whoever_sends_cannot_choose_where_it_is_written():
    """A parcel names kinds of a closed list, not files."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"number": 1, "since_ns": 0, "lines": {"../../etc/passwd": b"x"}}, Parcel)


def test_a_receipt_that_says_nothing_new_changes_nothing(way):
    """An old one comes late."""
    way.post.put(Kind.SHIFT, shift(1))
    way.post.dispatch()
    way.post.acknowledge(Receipt(number=0))
    assert not way.post.delivered
