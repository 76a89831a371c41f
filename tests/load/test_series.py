"""The load second by second, counted where it was intended."""

from hdrh.histogram import HdrHistogram

from loket.load.answers import Loss, Step, judge, judge_loss
from loket.load.series import Series

STEP = Step("hold_slot", frozenset({201}), frozenset({"sold_out"}))
SECOND_NS = 1_000_000_000
ORIGIN_NS = 50 * SECOND_NS


def only_value_us(encoded):
    """The one value of a histogram, to three digits."""
    histogram = HdrHistogram.decode(encoded)
    assert histogram.get_total_count() == 1
    return histogram.get_max_value()


def test_a_request_counts_in_the_second_it_was_intended_for():
    """Sent late and answered later still, it belongs to its own second, with the whole wait."""
    series = Series("w0", ORIGIN_NS)
    intended_ns = ORIGIN_NS + 3 * SECOND_NS
    series.sent("hold_slot", intended_ns)
    series.ended(
        "hold_slot", intended_ns, judge(STEP, 201, b"{}"), intended_ns + SECOND_NS, intended_ns + 5 * SECOND_NS
    )
    (row,) = series.drain()
    assert (row.second, row.step, row.sent, row.ok) == (3, "hold_slot", 1, 1)
    assert abs(only_value_us(row.response) / 5e6 - 1) < 1e-3
    assert abs(only_value_us(row.service) / 4e6 - 1) < 1e-3


def test_rows_are_increments():
    """A second that is still being answered has a row in each drain; the sums are the truth."""
    series = Series("w0", ORIGIN_NS)
    series.sent("hold_slot", ORIGIN_NS)
    first = list(series.drain())
    series.ended("hold_slot", ORIGIN_NS, judge(STEP, 201, b"{}"), ORIGIN_NS, ORIGIN_NS + 1)
    second = list(series.drain())
    assert [(row.sent, row.ok, row.response is None) for row in first + second] == [(1, 0, True), (0, 1, False)]
    assert list(series.drain()) == []


def test_a_drain_that_is_cut_off_leaves_the_rest_for_the_next():
    """Whoever writes the rows may be killed between two of them; each row is in one drain, and none in no drain."""
    series = Series("w0", ORIGIN_NS)
    for second in range(3):
        series.sent("hold_slot", ORIGIN_NS + second * SECOND_NS)
    first = series.drain()
    written = [next(first).second]
    first.close()
    written += [row.second for row in series.drain()]
    assert written == [0, 1, 2]


def test_what_is_counted_during_a_drain_is_left_for_the_next():
    """A drain ends even while requests go on, and what came meanwhile is not lost."""
    series = Series("w0", ORIGIN_NS)
    series.sent("hold_slot", ORIGIN_NS)
    series.sent("hold_slot", ORIGIN_NS + SECOND_NS)
    drained = []
    for row in series.drain():
        drained.append((row.second, row.sent))
        series.sent("hold_slot", ORIGIN_NS)
    assert drained == [(0, 1), (1, 1)]
    assert [(row.second, row.sent) for row in series.drain()] == [(0, 2)]


def test_every_end_has_its_column():
    """ok, refused as declared, error, unknown; a request cut off by the end of the run is unknown."""
    series = Series("w0", ORIGIN_NS)
    ends = [
        judge(STEP, 201, b"{}"),
        judge(STEP, 409, b'{"error": {"code": "sold_out"}}'),
        judge(STEP, 422, b""),
        judge_loss(STEP, Loss.CONNECT_REFUSED),
        judge(STEP, 500, b""),
    ]
    for answer in ends:
        series.sent("hold_slot", ORIGIN_NS)
        series.ended("hold_slot", ORIGIN_NS, answer, ORIGIN_NS, ORIGIN_NS)
    series.sent("hold_slot", ORIGIN_NS)
    series.lost_sight("hold_slot", ORIGIN_NS, ORIGIN_NS, ORIGIN_NS + SECOND_NS)
    (row,) = series.drain()
    assert (row.sent, row.ok, row.refused, row.errors, row.unknown) == (6, 1, 1, 2, 2)


def test_a_request_cut_off_by_the_end_counts_with_the_time_it_was_waited_for():
    """A service that freezes for good just before the end of the run is not fast."""
    series = Series("w0", ORIGIN_NS)
    series.sent("hold_slot", ORIGIN_NS)
    series.lost_sight("hold_slot", ORIGIN_NS, ORIGIN_NS + SECOND_NS, ORIGIN_NS + 9 * SECOND_NS)
    (row,) = series.drain()
    assert abs(only_value_us(row.response) / 9e6 - 1) < 1e-3
    assert abs(only_value_us(row.service) / 8e6 - 1) < 1e-3


def test_a_request_that_this_host_could_not_send_is_dropped_and_not_an_error():
    """The generator's own lack is no finding about the service, neither in its counts nor in its times."""
    series = Series("w0", ORIGIN_NS)
    series.sent("hold_slot", ORIGIN_NS)
    series.ended("hold_slot", ORIGIN_NS, judge_loss(STEP, Loss.NO_SOCKET), ORIGIN_NS, ORIGIN_NS + SECOND_NS)
    (row,) = series.drain()
    assert (row.sent, row.errors, row.dropped, row.response) == (0, 0, 1, None)


def test_a_request_before_second_0_has_a_negative_second():
    """The warm-up is told apart."""
    series = Series("w0", ORIGIN_NS)
    series.sent("login", ORIGIN_NS - 1)
    assert [row.second for row in series.drain()] == [-1]
