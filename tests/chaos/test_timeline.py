"""The timeline as a thread over a real engine: stops from anywhere, renews its lease, survives the network's end."""

import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from chaos.agenda import FailureKind, FaultRow
from chaos.control import Network
from chaos.faults import Fault
from chaos.timeline import Timeline
from loket.records import FaultEntry

Answers = Callable[[str], bool]
MakeFault = Callable[..., Fault]
Until = Callable[[Callable[[], bool]], None]


class Played:
    """A timeline that began now, and its rows so far."""

    def __init__(self, network: Network, *faults: Fault) -> None:
        self.rows: list[FaultRow] = []
        self.origin_ns = time.monotonic_ns()
        self.timeline = Timeline(faults, network, 0.0, time.monotonic_ns, self.origin_ns, self.rows.append)
        self.timeline.start()

    def types(self, fault: str = "silence") -> list[str]:
        return [row.type for row in self.rows if row.fault == fault]


@pytest.fixture
def play() -> Iterator[Callable[..., Played]]:
    """Start timelines; they are stopped and waited for at the end of the test."""
    started: list[Played] = []

    def start(network: Network, *faults: Fault) -> Played:
        started.append(Played(network, *faults))
        return started[-1]

    yield start
    for played in started:
        assert played.timeline.stop()


@pytest.fixture
def network(engine_url: str, open_network: Callable[..., Network]) -> Network:
    """A network whose lease is short, so that a test can outlive it."""
    return open_network(engine_url, lease_ttl_s=0.4)


def test_a_fault_waits_for_its_event(
    network: Network, echo: str, make_fault: MakeFault, play: Callable[..., Played], answers: Answers, until: Until
) -> None:
    """The thread lives with nothing due, hears of the event, and plays what waited for it to its end."""
    link = network.open_link("simponi", echo)
    played = play(network, make_fault(name="silence", at="first_code", timeout={"ms": 0}, **{"for": "300ms"}))
    assert not played.timeline.wait(0.1)
    assert answers(link)
    played.timeline.happened("sold_out", time.monotonic_ns())
    played.timeline.happened("first_code", time.monotonic_ns())
    until(lambda: played.types() == ["requested", "confirmed", "heal_requested", "healed"])
    assert played.timeline.wait(10)
    assert answers(link)
    assert played.timeline.failures == ()


def test_a_fault_comes_and_goes_by_itself(
    network: Network, echo: str, make_fault: MakeFault, play: Callable[..., Played], answers: Answers
) -> None:
    """All four rows are there in order, in the shape of the run directory, and traffic is healed."""
    simponi = network.open_link("simponi", echo)
    played = play(network, make_fault(**{"for": "200ms"}))
    assert played.timeline.wait(timeout_s=30.0)
    assert played.types() == ["requested", "confirmed", "heal_requested", "healed"]
    assert played.timeline.failures == ()
    assert answers(simponi)
    for row in played.rows:
        entry = msgspec.json.decode(msgspec.json.encode(row), type=FaultEntry)
        assert (entry.source, entry.fault, entry.link, entry.toxic) == (
            "timeline",
            "silence",
            "simponi",
            "fault_silence",
        )
    times_ns = [row.mono_ns for row in played.rows]
    assert times_ns == sorted(times_ns)
    assert times_ns[2] >= played.origin_ns + 200_000_000


def test_stop_heals_during_a_fault(
    network: Network,
    echo: str,
    make_fault: MakeFault,
    play: Callable[..., Played],
    answers: Answers,
    until: Until,
) -> None:
    """Called twice, from two threads: the fault under way heals, the one to come never begins."""
    simponi = network.open_link("simponi", echo)
    played = play(network, make_fault(), make_fault(name="later", at="50s"))
    until(lambda: "confirmed" in played.types())
    assert played.timeline.active() == ("silence",)
    assert not answers(simponi)
    other = threading.Thread(target=played.timeline.stop)
    other.start()
    assert played.timeline.stop()
    other.join()
    assert played.types() == ["requested", "confirmed", "heal_requested", "healed"]
    assert played.types("later") == []
    assert played.timeline.active() == ()
    assert answers(simponi)
    assert network.verify_healed() == []


def test_stop_works_from_a_signal_handler(
    network: Network, echo: str, make_fault: MakeFault, play: Callable[..., Played], until: Until
) -> None:
    """Interrupted while it waits for the timeline, the main thread stops it and goes on to see it healed."""
    network.open_link("simponi", echo)
    played = play(network, make_fault())
    until(lambda: "confirmed" in played.types())
    before = signal.signal(signal.SIGALRM, lambda *_: played.timeline.stop())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        assert played.timeline.wait(timeout_s=30.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert played.types()[-1] == "healed"


def test_leaving_the_block_heals_even_after_an_error(
    network: Network, echo: str, make_fault: MakeFault, answers: Answers, until: Until
) -> None:
    """As a context manager the timeline leaves no fault behind, whatever happened inside."""
    simponi = network.open_link("simponi", echo)
    rows: list[FaultRow] = []
    timeline = Timeline([make_fault()], network, 0.0, time.monotonic_ns, time.monotonic_ns(), rows.append)

    def run() -> None:
        with timeline:
            until(lambda: len(rows) == 2)
            raise RuntimeError("the load broke")

    with pytest.raises(RuntimeError, match="the load broke"):
        run()
    assert rows[-1].type == "healed"
    assert answers(simponi)


def test_a_timeline_stopped_before_it_started_plays_nothing(network: Network, make_fault: MakeFault) -> None:
    """A run that fails early may stop and wait for a timeline that never began."""
    rows: list[FaultRow] = []
    timeline = Timeline([make_fault()], network, 0.0, time.monotonic_ns, time.monotonic_ns(), rows.append)
    assert timeline.stop()
    assert timeline.wait()
    with timeline:
        pass
    assert rows == []


def test_the_lease_is_kept_alive_as_long_as_the_fault_stands(
    network: Network,
    echo: str,
    make_fault: MakeFault,
    play: Callable[..., Played],
    answers: Answers,
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After twice the life of the lease the fault is still there, because it was renewed."""
    simponi = network.open_link("simponi", echo)
    renewed: list[bool] = []
    renew = network.renew
    monkeypatch.setattr(network, "renew", lambda: renewed.append(renew()) or renewed[-1])
    played = play(network, make_fault())
    until(lambda: len(renewed) >= 8)
    assert all(renewed)
    assert not answers(simponi)
    assert played.timeline.failures == ()


@pytest.mark.parametrize("disturbance", [{"timeout": {}}, {"down": True}])
def test_a_killed_runner_leaves_no_fault(
    network: Network, echo: str, engine_url: str, answers: Answers, until: Until, disturbance: dict[str, object]
) -> None:
    """kill -9 of the process that holds a fault: traffic heals by itself once the lease has run out."""
    simponi = network.open_link("simponi", echo)
    script = textwrap.dedent(
        f"""
        import sys, time
        from chaos.control import Network
        from chaos.faults import Fault
        from chaos.timeline import Timeline
        fields = {{"name": "orphan", "link": "simponi", "at": "0s", "for": "60s", **{disturbance!r}}}
        network = Network({engine_url!r}, "doomed", lease_ttl_s=0.4)
        now_ns = time.monotonic_ns()
        say = lambda row: print(row.type, flush=True)
        with Timeline([Fault.model_validate(fields)], network, 0.0, time.monotonic_ns, now_ns, say) as timeline:
            sys.stdin.read()
        """
    )
    command = [sys.executable, "-c", script]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root) as doomed:
        assert doomed.stdout is not None
        assert [doomed.stdout.readline().strip() for _ in range(2)] == [b"requested", b"confirmed"]
        assert not answers(simponi)
        doomed.kill()
        doomed.wait()
        until(lambda: answers(simponi))
    assert network.verify_healed() == []


def test_a_network_that_dies_is_named(
    own_engine: tuple[str, subprocess.Popen[bytes]],
    open_network: Callable[..., Network],
    echo: str,
    make_fault: MakeFault,
    play: Callable[..., Played],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the engine gone mid-run, the fault under way could not be healed and the next not applied: both are told."""
    monkeypatch.setattr("chaos.agenda.HEAL_PATIENCE_S", 0.3)
    url, engine = own_engine
    network = open_network(url)
    network.open_link("simponi", echo)
    played = play(network, make_fault(**{"for": "1500ms"}), make_fault(name="next", at="1600ms"))
    until(lambda: "confirmed" in played.types())
    engine.kill()
    engine.wait()
    assert played.timeline.wait(timeout_s=30.0)
    kinds = {(failure.fault, failure.kind) for failure in played.timeline.failures}
    assert kinds == {("silence", FailureKind.NOT_HEALED), ("next", FailureKind.NOT_APPLIED)}
    assert played.types() == ["requested", "confirmed", "heal_requested", "failed"]
    assert played.types("next") == ["requested", "failed"]


def test_an_error_of_the_timeline_itself_reaches_the_runner(make_fault: MakeFault) -> None:
    """A defect in the thread is raised where the runner waits, not lost with the thread."""

    class Broken:
        lease_ttl_s = 1.0

        def apply(self, fault: Fault) -> None:
            raise ZeroDivisionError

    timeline = Timeline([make_fault()], Broken(), 0.0, time.monotonic_ns, time.monotonic_ns(), lambda row: None)
    timeline.start()
    with pytest.raises(ZeroDivisionError):
        timeline.wait(timeout_s=30.0)


def test_the_plan_tells_what_would_be_done_when(make_fault: MakeFault) -> None:
    """A dry run reads as a list of moments in order."""
    slow = make_fault(name="slow", at="opens+2s", latency={"ms": 3000, "jitter_ms": 800}, **{"for": "20s"})
    cut = make_fault(name="cut", at="5s", down=True, **{"for": "10s"})
    assert Timeline.plan([slow, cut], opens_at_s=10.0) == [
        "    5.0 s  cut begins on link simponi: M-Paspor cannot reach SIMPONI",
        "   12.0 s  slow begins on link simponi: SIMPONI answers 3000 ± 800 ms later",
        "   15.0 s  cut ends",
        "   32.0 s  slow ends",
    ]
