"""A pipe that connections share: its width is that of all together, and they take turns."""

import time

from chaos.engine.toxics.shared_bandwidth import Pipe, SharedBandwidthSettings, SharedBandwidthStage
from tests.engine.conftest import Row


def shared(clock, rate, rows=2):
    pipe = Pipe(clock)
    made = [Row(clock) for _ in range(rows)]
    for row in made:
        row.stage = SharedBandwidthStage(row, SharedBandwidthSettings(rate), "seed")
        row.stage.pipe = pipe
        row.stage.onward = row
    return made


def test_two_connections_have_half_of_the_pipe_each(clock):
    """10 KB/s carry 1,000 bytes in 100 ms, 500 of each; alone one has it all."""
    one, other = shared(clock, 10)
    one.send(b"a" * 2_000)
    other.send(b"b" * 500)
    clock.advance(0.1001)
    assert (len(one.data), len(other.data)) == (500, 500)
    clock.advance(0.1)
    assert (len(one.data), len(other.data)) == (1_500, 500)


def test_an_idle_pipe_saves_nothing_up(clock):
    """What comes after a pause is carried at the same width."""
    (one,) = shared(clock, 10, rows=1)
    clock.advance(60)
    one.send(b"a" * 1_000)
    clock.advance(0.0501)
    assert len(one.data) == 500


def test_a_pipe_without_width_stalls_until_it_has_one(clock):
    """A change holds for what waits; removal lets it go at once, in order, the end last."""
    one, other = shared(clock, 0)
    one.send(b"first")
    one.end()
    other.send(b"x" * 100)
    clock.advance(60)
    assert one.data == other.data == b""
    one.stage.update(SharedBandwidthSettings(1))
    other.stage.update(SharedBandwidthSettings(1))
    clock.advance(0.2)
    assert (one.out[-1][1], one.data, len(other.data)) == (b"", b"first", 100)
    other.stage.update(SharedBandwidthSettings(0))
    other.send(b"y")
    other.stage.release()
    assert other.data[-1:] == b"y"


def test_whoever_is_gone_leaves_the_pipe_to_the_others(clock):
    """A connection that ends while it waits does not hold them up."""
    one, other = shared(clock, 1)
    one.send(b"a" * 1_000)
    other.send(b"b" * 20)
    one.stage.stop()
    clock.advance(0.05)
    assert other.data == b"b" * 20


def test_many_connections_together_have_the_width_of_one(engine, upstream, connect):
    """Ten of them bring 20 KB each through 400 KB/s in no less than half a second, and all of it comes."""
    address = engine.proxy(upstream().address)
    engine.toxic("shared_bandwidth", attributes={"rate": 400})
    clients = [connect(address) for _ in range(10)]
    began_s = time.monotonic()
    for client in clients:
        client.sendall(b"x" * 20_000)
    for client in clients:
        missing = 20_000
        while missing:
            missing -= len(client.recv(missing))
    assert time.monotonic() - began_s >= 0.49
