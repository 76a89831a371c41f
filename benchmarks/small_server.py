"""A server as small as a server can be, for the benchmarks of the load: the same short answer to every request.

Prints its port and answers until it is killed. `--awake` keeps it from ever sleeping: to wake a sleeping core is
charged to whoever sends, and on a virtual machine that is dear. `--core N` has it stay on one core.
"""

import argparse
import asyncio
import os
import re

import uvloop

HEADERS = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
ROOT, ROOT_BODY = b"GET / ", b'{"state":"OPEN"}'
BODY = (
    b'{"token":"3f0c9a","application_id":"a-1","slot":"s-1","slots":[{"id":"s-1","free":3},{"id":"s-2","free":0}],'
    b'"billing_code":"820230130000001","amount_idr":650000,"state":"PAID"}'
)
LENGTH = re.compile(rb"\r\ncontent-length: ?([0-9]+)\r\n", re.IGNORECASE)


class Desk(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        answers = []
        while (ends := data.find(b"\r\n\r\n") + 4) > 3:
            length = LENGTH.search(data, 0, ends)
            ends += int(length[1]) if length else 0
            if len(data) < ends:
                break
            answers.append(ROOT_ANSWER if data.startswith(ROOT) else ANSWER)
            data = data[ends:]
        self._rest = data
        if answers:
            self._transport.write(b"".join(answers))


ANSWER, ROOT_ANSWER = HEADERS % (len(BODY), BODY), HEADERS % (len(ROOT_BODY), ROOT_BODY)


def stay_awake(loop: asyncio.AbstractEventLoop) -> None:
    loop.call_soon(stay_awake, loop)


async def serve(awake: bool) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Desk, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    if awake:
        stay_awake(loop)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--awake", action="store_true", help="never sleep")
    parser.add_argument("--core", type=int, help="stay on this core")
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    uvloop.run(serve(options.awake))


if __name__ == "__main__":
    main()
