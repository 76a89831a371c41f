"""Dials by name: every address is tried, and one that is given up leaves nothing behind."""

import asyncio
import gc
import socket

import uvloop

from chaos.engine.addresses import Address
from chaos.engine.dialer import Dialer, connect

# One letter longer than a name may be: the resolver refuses it by itself, in a thread of its own, and asks nobody.
NO_NAME = ".".join("a" * length for length in (63, 63, 63, 62))
LOOKUPS_AT_ONCE = 4


def run(scene):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(scene())


def test_a_dial_cancelled_during_its_lookup_reports_nothing():
    """The client has gone while the name was looked up: that the lookup failed then is nobody's error."""
    reports = []

    async def scene():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reports.append(context))
        dialer = Dialer()
        dialer.dial(1, f"{NO_NAME}:1", asyncio.Protocol, reports.append)
        await asyncio.sleep(0)
        dialer.cancel(1)
        later = [loop.getaddrinfo(NO_NAME, 1) for _ in range(2 * LOOKUPS_AT_ONCE)]
        assert all(isinstance(one, OSError) for one in await asyncio.gather(*later, return_exceptions=True))
        gc.collect()

    run(scene)
    assert reports == []


def test_a_dial_to_no_name_fails_with_the_reason():
    """And the reason is the resolver's."""

    async def scene():
        failed = asyncio.get_running_loop().create_future()
        Dialer().dial(1, f"{NO_NAME}:1", asyncio.Protocol, failed.set_result)
        return await failed

    assert "not known" in run(scene)


def test_every_address_of_a_name_is_tried(monkeypatch):
    """Nobody listens on the first: the second is dialled."""

    async def scene():
        loop = asyncio.get_running_loop()
        made = loop.create_future()

        class Told(asyncio.Protocol):
            def connection_made(self, transport):
                made.set_result(transport.get_extra_info("peername"))
                transport.close()

        class Loop:
            """The loop, with two addresses for every name."""

            create_connection = loop.create_connection

            async def getaddrinfo(self, host, port, type):  # noqa: A002 - the loop's own name for it
                return [(socket.AF_INET, type, 0, "", (where, port)) for where in ("127.0.0.2", "127.0.0.1")]

        with socket.create_server(("127.0.0.1", 0)) as listener:
            monkeypatch.setattr(asyncio, "get_running_loop", Loop)
            await connect(Told, Address("two", listener.getsockname()[1]))
            monkeypatch.undo()
            return await made, listener.getsockname()

    reached, listens = run(scene)
    assert reached == listens
