"""One socket of a connection: what it sends goes to its lane `out`, what the lane `into` carries is written to it."""

import asyncio
import socket
import struct
from typing import Protocol, cast

from chaos.engine.addresses import Address
from chaos.engine.lane import Lane

LINGER_ZERO = struct.pack("ii", 1, 0)
# What may wait for the kernel on a side before the other side is paused. With none uvloop writes at once instead of
# at the end of its turn, and what a receiver does not take stays with the sender.
WRITE_AHEAD_BYTES = 0


class Keeper(Protocol):
    """The connection, as its sides see it."""

    def side_made(self, side: "Side") -> None: ...

    def side_lost(self, side: "Side") -> None: ...


class Side(asyncio.Protocol):
    """A protocol of the event loop. Writing to it, closing or resetting it is harmless once it is gone."""

    out: Lane
    into: Lane

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._transport: asyncio.Transport | None = None
        self.lost = False

    @property
    def made(self) -> bool:
        return self._transport is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # uvloop's has its methods, not its name
        transport.set_write_buffer_limits(high=WRITE_AHEAD_BYTES)
        self._transport = transport
        self._keeper.side_made(self)

    def data_received(self, data: bytes) -> None:
        self.out.receive(data)

    def eof_received(self) -> bool:
        self.out.end()
        return True

    def pause_writing(self) -> None:
        self.into.set_sink_full(True)

    def resume_writing(self) -> None:
        self.into.set_sink_full(False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        self._keeper.side_lost(self)

    def peer(self) -> str:
        """The address at the other end; one that was reset while it waited to be accepted has none any more."""
        name = self._transport and self._transport.get_extra_info("peername")
        return str(Address(*name[:2])) if name else "already gone"

    def write(self, chunk: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(chunk)

    def write_eof(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def hold_off(self, wait: bool) -> None:
        # A side that has closed sends nothing more, and the loop would report its end again.
        if self._transport is None or self._transport.is_closing() or self.out.ended:
            return
        if wait:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close(self) -> None:
        """Close when everything written is delivered."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close now."""
        if self._transport is not None:
            self._transport.abort()

    def reset(self) -> None:
        """Close now, with a reset."""
        if self._transport is not None and not self.lost:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
            self._transport.abort()
