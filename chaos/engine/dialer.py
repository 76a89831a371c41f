"""Dials to an upstream: concurrent, no more than so many at once, none longer than five seconds."""

import asyncio
import socket
from collections.abc import Callable

from chaos.engine.addresses import Address, parse

DIAL_TIMEOUT_S = 5.0
# Assumption: more dials than this at once mean an upstream that does not answer; the rest wait their turn.
DIALS_AT_ONCE = 512


class Dialer:
    """One proxy's dials. Tasks belong to it: `cancel` ends one, whatever it waits for."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(DIALS_AT_ONCE)
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def dial(
        self,
        number: int,
        upstream: str,
        protocol: Callable[[], asyncio.BaseProtocol],
        failed: Callable[[str], None],
    ) -> None:
        """Connect `protocol()` to `upstream` for connection `number`; `failed` gets the reason if it cannot be."""
        task = asyncio.get_running_loop().create_task(self._dial(upstream, protocol, failed))
        self._tasks[number] = task
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    def cancel(self, number: int) -> None:
        task = self._tasks.get(number)
        if task is not None:
            task.cancel()

    async def _dial(
        self, upstream: str, protocol: Callable[[], asyncio.BaseProtocol], failed: Callable[[str], None]
    ) -> None:
        try:
            address = parse(upstream)
            async with asyncio.timeout(DIAL_TIMEOUT_S), self._slots:
                await connect(protocol, address)
        except TimeoutError:
            failed(f"no answer within {DIAL_TIMEOUT_S:g} s")
        except Exception as failure:
            failed(str(failure) or type(failure).__name__)


async def connect(protocol: Callable[[], asyncio.BaseProtocol], address: Address) -> None:
    """Try every address that the host has, in their order. Raises OSError, of the last one.

    The name is looked up here: uvloop's own way to connect by name reports each lookup that fails after a cancellation.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(address.host or "localhost", address.port, type=socket.SOCK_STREAM)
    for place, (_, _, _, _, where) in enumerate(found, start=1):
        try:
            await loop.create_connection(protocol, str(where[0]), int(where[1]))
            return
        except OSError:
            if place == len(found):
                raise
