"""The control connections: requests of one connection are answered in order, however they were packed together."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from chaos.engine.http.messages import Response
from chaos.engine.http.parser import BODY_LIMIT_BYTES, HEAD_LIMIT_BYTES, Malformed, Parser
from chaos.engine.http.peers import Peers

Handler = Callable[..., Awaitable[Response]]
# A peer that sends ahead is paused when this much waits behind the request being answered.
READ_AHEAD_BYTES = HEAD_LIMIT_BYTES + BODY_LIMIT_BYTES
# Assumption: whoever has not sent a whole request, or not taken an answer, for this long has been forgotten.
PATIENCE_S = 60.0


class ControlConnection(asyncio.Protocol):
    """One peer of the control API. `handle` takes a Request and always answers with a Response."""

    def __init__(self, handle: Handler, peers: Peers, patience_s: float = PATIENCE_S) -> None:
        self._handle = handle
        self._peers = peers
        self._patience_s = patience_s
        self._parser = Parser()
        self._transport: asyncio.Transport | None = None
        self._answering: asyncio.Task[None] | None = None
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # uvloop's has its methods, not its name
        self._transport = transport
        self._peers.add(self)
        self._writable.set()
        self._answering = asyncio.get_running_loop().create_task(self._answer_all(transport))

    def data_received(self, data: bytes) -> None:
        self._parser.feed(data)
        self._arrived.set()
        if self._parser.buffered_bytes > READ_AHEAD_BYTES and self._transport is not None:
            self._transport.pause_reading()

    def eof_received(self) -> bool:
        self._ended = True
        self._arrived.set()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._peers.remove(self)
        if self._answering is not None:
            self._answering.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def close(self) -> None:
        """Close now, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    async def _answer_all(self, transport: asyncio.Transport) -> None:
        try:
            while await self._answer_next(transport):
                async with asyncio.timeout(self._patience_s):
                    await self._writable.wait()
        except Malformed as malformed:
            transport.write(Response.text(malformed.status, f"{malformed.status} bad request").encode(keep_alive=False))
        except TimeoutError:
            self.close()
        finally:
            transport.close()

    async def _answer_next(self, transport: asyncio.Transport) -> bool:
        """Answer one request when it is whole; False when there will be no more on this connection.

        Raises TimeoutError for a peer that takes too long to send one.
        """
        async with asyncio.timeout(self._patience_s):
            while (request := self._parser.take()) is None:
                if self._ended:
                    return False
                await self._wait_for_more(transport)
        self._peers.heard(self)
        response = await self._handle(request)
        transport.write(response.encode(keep_alive=request.keep_alive, bodyless=request.method == "HEAD"))
        return request.keep_alive

    async def _wait_for_more(self, transport: asyncio.Transport) -> None:
        if self._parser.expects_continue:
            self._parser.expects_continue = False
            transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._arrived.clear()
        transport.resume_reading()
        await self._arrived.wait()
