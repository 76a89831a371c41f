"""What each toxic does to a stream, on a clock that the test moves."""

import pytest

from chaos.engine.errors import InvalidAttribute
from chaos.engine.toxics.registry import KINDS


def test_latency_counts_from_each_chunks_arrival(row, clock):
    """Chunks sent 10 ms apart arrive 10 ms apart: delays overlap, they do not add up."""
    row.put("latency", latency=100)
    for chunk in (b"a", b"b", b"c"):
        row.send(chunk)
        clock.advance(0.010)
    clock.advance(1)
    assert row.milliseconds == [100, 110, 120]
    assert row.data == b"abc"


def test_latency_delays_the_end_with_the_data_before_it(row, clock):
    """The sender's close cannot overtake what it sent."""
    row.put("latency", latency=100)
    row.send(b"a")
    row.end()
    assert row.out == []
    clock.advance(1)
    assert row.out == [(100.1, b"a"), (100.1, b"")]


def test_jitter_stays_within_its_bounds_and_never_reorders(row, clock):
    """Every chunk comes within the jitter of the latency, in order, and delays do vary."""
    row.put("latency", latency=100, jitter=50)
    for number in range(200):
        row.send(bytes([number]))
        clock.advance(1)
    delays = [moment - 1000 * number for number, moment in enumerate(row.milliseconds)]
    assert all(50 <= delay <= 150 for delay in delays)
    assert len(set(delays)) > 20
    assert row.data == bytes(range(200))


def test_jitter_keeps_the_order_of_chunks_that_came_together(row, clock):
    """A chunk with a shorter delay waits for the one before it."""
    row.put("latency", latency=100, jitter=100)
    for number in range(100):
        row.send(bytes([number]))
    clock.advance(1)
    assert row.data == bytes(range(100))


def test_jitter_above_the_latency_means_no_delay_at_the_least(row, clock):
    """A negative delay is none."""
    row.put("latency", latency=0, jitter=100)
    for _ in range(50):
        row.send(b"x")
        clock.advance(1)
    assert min(m - 1000 * n for n, m in enumerate(row.milliseconds)) == 0


def test_removed_latency_passes_on_what_it_held_in_order(row, clock):
    """Nothing is lost and nothing comes twice, the end included."""
    row.put("latency", latency=1000)
    row.send(b"a")
    row.send(b"b")
    row.end()
    clock.advance(0.1)
    row.stage.release()
    clock.advance(10)
    assert row.out == [(100.1, b"a"), (100.1, b"b"), (100.1, b"")]


def test_changed_latency_holds_for_what_comes_later(row, clock):
    """What is under way keeps its time."""
    row.put("latency", latency=100)
    row.send(b"a")
    row.change("latency", latency=500)
    row.send(b"b")
    clock.advance(1)
    assert row.milliseconds == [100, 500]


def test_a_stopped_stage_does_nothing_more(row, clock):
    """When the connection is gone, timers are cancelled and bytes forgotten."""
    row.put("latency", latency=100)
    row.send(b"a")
    row.stage.stop()
    clock.advance(1)
    assert row.out == []
    assert row.stage.held_bytes == 0


@pytest.mark.parametrize("after_ms", [1, 250])
def test_timeout_drops_data_and_closes_on_time(row, clock, after_ms):
    """Nothing passes; the close comes when the time is up, however much was sent meanwhile."""
    row.put("timeout", timeout=after_ms)
    clock.advance(after_ms / 1000 - 0.0005)
    row.send(b"lost")
    assert row.asked == []
    clock.advance(0.001)
    assert row.asked == ["close"]
    assert row.out == []


def test_timeout_of_zero_hangs_until_removed(row, clock):
    """Not even the sender's close comes through; removal closes the connection."""
    row.put("timeout", timeout=0)
    row.send(b"lost")
    row.end()
    clock.advance(1e6)
    assert (row.out, row.asked) == ([], ["swallow end"])
    row.stage.release()
    assert row.asked == ["swallow end", "close"]


def test_a_shortened_timeout_counts_from_when_the_toxic_took_hold(row, clock):
    """Shortened to less than has passed, it closes at once."""
    row.put("timeout", timeout=0)
    clock.advance(2)
    row.change("timeout", timeout=5000)
    clock.advance(2)
    assert row.asked == []
    row.change("timeout", timeout=1000)
    assert row.asked == ["close"]


def test_reset_peer_resets_at_once_by_default(row):
    """An idle connection is reset without waiting for data."""
    assert row.put("reset_peer").asked == ["reset"]


def test_reset_peer_waits_its_time_and_drops_data(row, clock):
    """With a timeout the reset comes then, and no data before."""
    row.put("reset_peer", timeout=100)
    row.send(b"lost")
    clock.advance(0.099)
    assert (row.out, row.asked) == ([], [])
    clock.advance(0.002)
    assert row.asked == ["reset"]


def test_reset_peer_removed_in_time_spares_an_idle_connection(row, clock):
    """Where nothing was dropped, nothing happens; where something was, the stream has a gap and is closed."""
    row.put("reset_peer", timeout=100)
    row.stage.release()
    clock.advance(1)
    assert row.asked == []
    row.put("reset_peer", timeout=100)
    row.send(b"lost")
    row.stage.release()
    assert row.asked == ["close"]


def test_bandwidth_sends_a_tenth_of_a_second_at_a_time(row, clock):
    """10 KB/s carries 1,000 bytes every 100 ms, the first after 100 ms."""
    row.put("bandwidth", rate=10)
    row.send(b"x" * 2500)
    clock.advance(5)
    assert row.milliseconds == [100, 200, 250]
    assert [len(chunk) for _, chunk in row.out] == [1000, 1000, 500]


def test_bandwidth_adds_up_over_small_chunks(row, clock):
    """Many small chunks take as long as one large."""
    row.put("bandwidth", rate=1)
    for _ in range(50):
        row.send(b"x" * 10)
    clock.advance(5)
    assert row.milliseconds[-1] == 500
    assert len(row.data) == 500


def test_idle_time_earns_no_bandwidth(row, clock):
    """After a pause the pipe is as wide as before, not wider."""
    row.put("bandwidth", rate=10)
    clock.advance(10)
    row.send(b"x" * 1000)
    clock.advance(1)
    assert row.milliseconds == [10_100]


def test_bandwidth_of_zero_stalls_until_the_rate_is_raised(row, clock):
    """The bytes are kept; the new rate holds for them too."""
    row.put("bandwidth", rate=0)
    row.send(b"x" * 100)
    row.end()
    clock.advance(60)
    assert row.out == []
    row.change("bandwidth", rate=1)
    clock.advance(1)
    assert row.out == [(pytest.approx(160.1), b"x" * 100), (pytest.approx(160.1), b"")]


def test_removed_bandwidth_passes_on_the_rest_at_once(row, clock):
    """In order, with the end behind it."""
    row.put("bandwidth", rate=1)
    row.send(b"ab" * 100)
    row.send(b"cd")
    row.end()
    clock.advance(0.1)
    row.stage.release()
    assert row.data == b"ab" * 100 + b"cd"
    assert row.out[-1][1] == b""
    assert row.stage.held_bytes == 0


def test_slow_close_delays_the_end_alone(row, clock):
    """Data is not touched."""
    row.put("slow_close", delay=300)
    row.send(b"a")
    row.end()
    assert row.out == [(100.0, b"a")]
    clock.advance(1)
    assert row.milliseconds == [0, 300]


def test_limit_data_passes_the_limit_exactly_and_closes(row):
    """The chunk that goes over it is cut; later ones are dropped."""
    row.put("limit_data", bytes=5)
    row.send(b"abc")
    assert row.asked == []
    row.send(b"defgh")
    row.send(b"ijk")
    assert row.data == b"abcde"
    assert row.out[-1][1] == b""
    assert row.asked == ["close at end"]


def test_limit_of_zero_closes_at_the_first_byte(row):
    """And passes none."""
    row.put("limit_data", bytes=0)
    row.send(b"abc")
    assert (row.data, row.asked) == (b"", ["close at end"])


def test_slicer_cuts_to_size_and_pauses(row, clock):
    """Slices of the average size, a pause after each."""
    row.put("slicer", average_size=4, delay=10_000)
    row.send(b"abcdefghij")
    clock.advance(1)
    assert [chunk for _, chunk in row.out] == [b"abcd", b"efgh", b"ij"]
    assert row.milliseconds == [0, 10, 20]


def test_slicer_varies_within_its_variation(row, clock):
    """Average ± variation, never nothing, and every byte in order; a variation equal to the average is taken."""
    data = bytes(range(256)) * 20
    row.put("slicer", average_size=10, size_variation=10)
    row.send(data)
    clock.advance(1)
    sizes = [len(chunk) for _, chunk in row.out]
    assert row.data == data
    assert all(1 <= size <= 20 for size in sizes)
    assert len(set(sizes)) > 5


def test_noop_changes_nothing(row):
    """Data and end pass at once."""
    row.put("noop")
    row.send(b"a")
    row.end()
    assert row.out == [(100.0, b"a"), (100.0, b"")]


@pytest.mark.parametrize(
    ("type_", "attributes"),
    [
        ("slicer", {}),
        ("slicer", {"average_size": 5, "size_variation": 6}),
        ("bandwidth", {"rate": -1}),
        ("latency", {"latency": -1}),
        ("latency", {"jitter": -1}),
        ("timeout", {"timeout": -1}),
    ],
)
def test_settings_that_make_no_sense_are_refused(type_, attributes):
    """What crashes or confuses Toxiproxy is named instead."""
    with pytest.raises(InvalidAttribute):
        KINDS[type_].settings(**attributes)
