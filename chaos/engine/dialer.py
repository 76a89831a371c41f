"""Dials to an upstream: concurrent, no more than so many at once, none longer than five seconds."""

import asyncio
from collections.abc import Callable

from chaos.engine.addresses import parse

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
                await asyncio.get_running_loop().create_connection(protocol, address.host or "localhost", address.port)
        except TimeoutError:
            failed(f"no answer within {DIAL_TIMEOUT_S:g} s")
        except Exception as failure:
            failed(str(failure) or type(failure).__name__)
