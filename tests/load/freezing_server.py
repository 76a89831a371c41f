"""A small server that freezes once: after so many requests it does nothing at all for so long, then goes on.

It prints its port, and one line of JSON once it is frozen no more: the instants at which it stopped and went on, on the
monotonic clock. GET /answered lists the instants at which it answered each request. It runs until it is killed.
"""

import argparse
import asyncio
import json
import time
from typing import ClassVar

BODY = b"{}"


class Desk(asyncio.Protocol):
    """One connection. A request is what ends with an empty line; none has a body."""

    freeze_after = 0
    freeze_s = 0.0
    answered_ns: ClassVar[list[int]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for request in whole:
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        if request.startswith(b"GET /answered "):
            self._say(json.dumps(self.answered_ns).encode())
            return
        if self.freeze_s and len(self.answered_ns) == self.freeze_after:
            stopped_ns = time.monotonic_ns()
            time.sleep(self.freeze_s)
            print(json.dumps([stopped_ns, time.monotonic_ns()]), flush=True)  # noqa: T201
            type(self).freeze_s = 0.0
        self._say(BODY)
        self.answered_ns.append(time.monotonic_ns())

    def _say(self, body: bytes) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Desk, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--freeze-after", type=int, default=0)
    parser.add_argument("--freeze-s", type=float, default=0.0)
    options = parser.parse_args()
    Desk.freeze_after, Desk.freeze_s = options.freeze_after, options.freeze_s
    asyncio.run(serve())
