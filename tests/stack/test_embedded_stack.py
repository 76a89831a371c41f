"""The embedded stack meets bad luck with ports and interruptions, and leaves nothing behind."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from loket.stack import embedded
from loket.stack.embedded import EmbeddedStack
from loket.stack.keeper import Keeper
from loket.stack.part import StackError
from loket.stack.probe import Probe, free_ports, port_is_taken
from loket.stack.settings import StackSettings

Stack = Callable[..., EmbeddedStack]


@pytest.fixture
def stack_of(tmp_path: Path, keeper: Keeper, settings: StackSettings) -> Stack:
    """An embedded stack, not yet started."""

    def stack_of(interrupted: Callable[[], bool] = lambda: False, service_port: int = 0) -> EmbeddedStack:
        return EmbeddedStack(tmp_path, settings, keeper, "test", tmp_path / "faults.ndjson", interrupted, service_port)

    return stack_of


@pytest.mark.slow
def test_a_port_taken_between_choice_and_bind_moves_the_stack(stack_of: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody was faster: the whole stack starts on other ports, and nothing of the first attempt is left."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        others = free_ports(6)
        turns = [[port, *others]]
        monkeypatch.setattr(embedded, "free_ports", lambda count: turns.pop() if turns else free_ports(count))
        stack = stack_of()
        try:
            stack.start()
            assert not turns
            assert f":{port}" not in stack.addresses.service
            assert Probe().is_instance(stack.addresses.service, stack.tokens.instance)()
            assert [other for other in others if port_is_taken(other)] == []
        finally:
            stack.stop()


def test_a_port_that_is_asked_for_and_taken_is_named(stack_of: Stack) -> None:
    """A port that a person chose is not moved from; nothing is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stack = stack_of(service_port=port)
        with pytest.raises(StackError, match=f"port {port} of this machine is taken"):
            stack.start()
    assert stack.parts == {}


def test_an_interrupted_start_leaves_no_part_running(stack_of: Stack) -> None:
    """Whoever interrupts the start gets an end, not half a stack."""
    stack = stack_of(interrupted=lambda: True)
    with pytest.raises(StackError, match="the start of engine was interrupted"):
        stack.start()
    assert list(stack.dead()) == ["engine"]


def test_the_keeper_may_die_before_the_parts(tmp_path: Path) -> None:
    """A killed keeper helps nobody any more, and hinders nobody."""
    keeper = Keeper(tmp_path / "keeper.log")
    keeper._process.kill()
    keeper._process.wait()
    keeper.watch(1)
    keeper.forget(1)
    keeper.dismiss()
