"""What the report reads: curves, sums, windows and gaps from the rows of a run."""

import msgspec
import pytest

from loket.load.histogram import Histogram
from loket.records import Event, Second, Shift
from loket.report.bookings import sweep
from loket.report.generator import Generator
from loket.report.salvage import Gaps
from loket.report.series import LoadSeries
from loket.report.timeline import Timeline, Window
from loket.verdict import FaultSpan

NS = 1_000_000_000


def _events(*rows: tuple[float, str, dict[str, object]]) -> list[Event]:
    return [
        msgspec.convert({"seq": seq, "unix_ns": int(second * NS), "type": kind, **fields}, Event)
        for seq, (second, kind, fields) in enumerate(rows, start=1)
    ]


def _series(*rows: Second) -> LoadSeries:
    return LoadSeries(rows, pytest.fail)


def _second(second: int, step: str = "hold_slot", **counts: int) -> Second:
    return Second(worker="w1", second=second, step=step, **counts)


def test_rows_of_one_second_are_summed_over_workers() -> None:
    """Increments of several workers for one second make one figure."""
    first = Second(worker="w1", second=3, step="pay", sent=2, ok=2, response=Histogram.of([1000, 1000]).encode())
    other = Second(worker="w2", second=3, step="pay", sent=1, errors=1, response=Histogram.of([900_000]).encode())
    load = _series(first, other)
    [(second, cell)] = load.buckets(["pay"], 1)
    found = load.percentiles(cell)
    assert (second, cell.sent, cell.ok, cell.errors) == (3, 3, 2, 1)
    assert found is not None
    assert found.samples == 3
    assert found.p50_ms == pytest.approx(1.0, rel=0.001)
    assert found.p95_ms == pytest.approx(900, rel=0.001)


def test_warm_up_is_left_out_and_silent_seconds_are_kept() -> None:
    """Negative seconds belong to the warm-up; a second without a request is a point without a figure."""
    load = _series(_second(-2, sent=9), _second(1, sent=1), _second(4, sent=2))
    assert [(second, cell.sent) for second, cell in load.buckets(["hold_slot"], 1)] == [(1, 1), (2, 0), (3, 0), (4, 2)]
    assert load.total(["hold_slot"]).sent == 3


def test_wide_buckets_begin_at_multiples_of_their_width() -> None:
    """An hour is drawn in stretches; each holds the seconds from its start on."""
    load = _series(_second(9, sent=1), _second(10, sent=2), _second(14, sent=4), _second(15, sent=8))
    assert [(start, cell.sent) for start, cell in load.buckets(["hold_slot"], 5)] == [(5, 1), (10, 6), (15, 8)]


def test_a_window_takes_whole_seconds_that_begin_within_it() -> None:
    """The same rule as the gates': from the start up to, not including, the end."""
    load = _series(*(_second(second, sent=1) for second in range(10)))
    assert load.total(["hold_slot"], Window("w", 2.5, 6.0)).sent == 3


def test_steps_come_in_the_order_of_the_journey() -> None:
    """Steps that everybody knows come first, in their order; another service's own steps by their first second."""
    load = _series(*(_second(second, step) for second, step in ((5, "a"), (0, "z"), (0, "pay"), (0, "login"))))
    assert load.steps() == ("login", "pay", "z", "a")


def test_places_follow_holds_payments_and_releases() -> None:
    """A hold takes a place, a payment keeps it, a release gives it back, paid or not."""
    bookings = sweep(
        _events(
            (0, "slot_opened", {"slot": "s", "capacity": 2}),
            (1, "held", {"slot": "s", "application_id": "a"}),
            (2, "held", {"slot": "s", "application_id": "b"}),
            (3, "paid", {"slot": "s", "application_id": "a"}),
            (4, "released", {"slot": "s", "application_id": "b"}),
        ),
        origin_unix_ns=0,
        grid_s=0.5,
    )
    places = bookings.places
    assert [(point.second, point.taken, point.paid, point.released) for point in places.curve] == [
        (0, 0, 0, 0),
        (1, 1, 0, 0),
        (2, 2, 0, 0),
        (3, 2, 1, 0),
        (4, 1, 1, 1),
    ]
    assert places.peak_taken == 2
    assert places.overbooked_slots == set()


def test_an_overbooked_slot_shows_although_another_has_room() -> None:
    """Capacity is held against each slot, not against their sum."""
    bookings = sweep(
        _events(
            (0, "slot_opened", {"slot": "s", "capacity": 1}),
            (0, "slot_opened", {"slot": "t", "capacity": 5}),
            (1, "held", {"slot": "s", "application_id": "a"}),
            (2, "held", {"slot": "s", "application_id": "b"}),
        ),
        origin_unix_ns=0,
        grid_s=1,
    )
    assert bookings.places.overbooked_slots == {"s"}


def test_the_grid_keeps_the_last_state_and_the_peak() -> None:
    """Within one stretch of the grid one point remains, but the peak is not forgotten."""
    bookings = sweep(
        _events(
            (1.1, "held", {"slot": "s", "application_id": "a"}),
            (1.2, "held", {"slot": "s", "application_id": "b"}),
            (1.3, "released", {"slot": "s", "application_id": "b"}),
        ),
        origin_unix_ns=0,
        grid_s=1,
    )
    assert [(point.second, point.taken) for point in bookings.places.curve] == [(1.3, 1)]
    assert bookings.places.peak_taken == 2


def test_time_never_runs_back_on_a_curve() -> None:
    """Events come in the database's order; a clock that disagrees does not fold the curve."""
    bookings = sweep(
        _events(
            (2.0, "held", {"slot": "s", "application_id": "a"}),
            (1.2, "held", {"slot": "s", "application_id": "b"}),
            (3.0, "held", {"slot": "s", "application_id": "c"}),
        ),
        origin_unix_ns=0,
        grid_s=0.5,
    )
    assert [(point.second, point.taken) for point in bookings.places.curve] == [(2.0, 2), (3.0, 3)]


def test_a_wait_for_a_code_lasts_from_asking_to_seeing() -> None:
    """Issued is not yet seen; a final failure ends the wait without a code."""
    bookings = sweep(
        _events(
            (1, "billing_requested", {"application_id": "a"}),
            (2, "billing_requested", {"application_id": "b"}),
            (2, "bill_attempt_failed", {"application_id": "b"}),
            (3, "bill_issued", {"application_id": "a"}),
            (5, "code_shown", {"application_id": "a"}),
            (6, "billing_failed", {"application_id": "b"}),
        ),
        origin_unix_ns=0,
        grid_s=0.5,
    )
    codes = bookings.codes
    assert codes.waits_s == [4.0]
    assert codes.failed_attempts == {2: 1}
    assert [(point.second, point.without_code, point.not_shown) for point in codes.curve] == [
        (1, 1, 0),
        (2, 2, 0),
        (3, 1, 1),
        (5, 1, 0),
        (6, 0, 0),
    ]


def test_the_generator_shows_its_worst_worker_and_the_lost_one() -> None:
    """The largest figure of any worker counts; a record without its end is a lost worker."""
    generator = Generator(width_s=1)
    tick = Shift(mono_ns=NS // 2, worker="w1", type="tick", send_lateness_ms=2.0, loop_lag_ms=9.0, cpu_share=0.5)
    late = Shift(mono_ns=NS // 2, worker="w2", type="tick", send_lateness_ms=7.0, cpu_share=0.4)
    generator.see("w1", [tick, Shift(mono_ns=NS, worker="w1", type="end")], origin_ns=0)
    generator.see("w2", [late], origin_ns=0)
    assert generator.lost == ["w2"]
    assert (generator.worst.send_lateness_ms, generator.worst.loop_lag_ms) == (7.0, 9.0)
    assert generator.worst.cpu_share == 0.5


def test_a_fault_window_runs_from_confirmation_to_healing() -> None:
    """Unconfirmed it begins at its request; unhealed it lasts to the end; refused it has none."""
    faults = (
        FaultSpan(fault="a", link="l", what="", requested_s=1.0, confirmed_s=1.5, healed_s=3.0),
        FaultSpan(fault="b", link="l", what="", requested_s=2.0),
        FaultSpan(fault="c", link="l", what="", requested_s=3.0, refused=True),
    )
    windows = Timeline(end_s=10.0, faults=faults).fault_windows()
    assert windows == (Window("a", 1.5, 3.0), Window("b", 2.0, 10.0))


@pytest.mark.parametrize(("end_s", "bucket_s"), [(60.0, 1), (400.0, 1), (401.0, 2), (3600.0, 10), (400_000.0, 300)])
def test_long_runs_are_drawn_in_wider_stretches(end_s: float, bucket_s: int) -> None:
    """At most some hundreds of points, until the widest stretch there is."""
    assert Timeline(end_s=end_s).bucket_s == bucket_s


def test_gaps_name_the_file_and_count_what_repeats() -> None:
    """A missing file is one sentence, the same trouble a thousand times is one sentence too."""
    gaps = Gaps()
    assert list(gaps.rows("events.ndjson", iter(()))) == []
    gaps.add("series: spoilt")
    gaps.add("series: spoilt")
    assert gaps.sentences() == ("events.ndjson: not recorded", "series: spoilt (2 times)")
