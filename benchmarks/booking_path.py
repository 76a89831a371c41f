"""The booking path of the reference service beside bare Flask: requests/s on the same server, database and moment.

`python benchmarks/booking_path.py [bookings] [--database postgresql]`. Each round makes a database anew with
applications that are ready to book, then has a crowd on kept connections hold a place each, and ask for the code each.
Bare Flask answers the same requests by the same statements in one transaction, and by nothing else: no session, no key
looked up, no judgement.
Wanted: half of it.
"""

import argparse
import asyncio
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import uvloop

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from loket.stack.postgres import Postgres, find_programs  # noqa: E402 - found through the path above
from loket.stack.probe import free_ports  # noqa: E402
from mock_mpaspor.store.database import Database  # noqa: E402
from mock_mpaspor.store.schema import ACCOUNTS, APPLICATIONS, SLOTS  # noqa: E402
from mock_mpaspor.web.tokens import Sessions  # noqa: E402

ROUNDS = 3
BOOKINGS = 3000
CONNECTIONS = 16
THREADS = 16
SECRET = "a secret of the benchmark"
OFFICE = "belakang_padang"
SLOT = "belakang_padang-20990105-morning"
SERVICE = [sys.executable, "-m", "mock_mpaspor", "serve"]
BARE = [sys.executable, str(ROOT / "benchmarks" / "bare_booking.py")]


@dataclass(frozen=True)
class Rates:
    """Requests/s of one round."""

    hold: float
    billing: float


def seed(url: str, bookings: int) -> None:
    """Applications with their documents, and a slot with room for all of them."""
    database = Database(url, 2)
    database.create_schema()
    accounts, applications = [], []
    for number in range(bookings):
        name = f"{number:016x}"
        accounts.append(
            {
                "id": name,
                "email": f"{name}@example.com",
                "name": "Warga Contoh",
                "phone": "+620000000000",
                "birth_date": "1990-03-02",
                "sex": "female",
                "salt": b"",
                "password_hash": b"",
                "verified_ns": 1,
                "created_ns": 1,
            }
        )
        applications.append(
            {
                "id": name,
                "account_id": name,
                "applicant": name,
                "payer": "Warga Contoh",
                "kind": "NEW",
                "passport_type": "electronic",
                "validity_years": 10,
                "purpose": "tourism",
                "office": OFFICE,
                "state": "DOCS_UPLOADED",
                "amount_idr": 950_000,
                "created_ns": 1,
            }
        )
    slot = {
        "id": SLOT,
        "office": OFFICE,
        "date": "2099-01-05",
        "session": "morning",
        "lane": "online",
        "opens_ns": 1,
        "ends_ns": 2**62,
        "position": 0,
        "capacity": bookings,
        "free": bookings,
    }
    with database.write() as connection:
        connection.execute(SLOTS.insert(), slot)
        connection.execute(ACCOUNTS.insert(), accounts)
        connection.execute(APPLICATIONS.insert(), applications)
    database.close()


def requests(verb: str, body: bytes, bookings: int) -> list[bytes]:
    """One request for each application, whole."""
    sessions = Sessions(SECRET, time.time_ns, 7200)
    rendered = []
    for number in range(bookings):
        name = f"{number:016x}"
        token, _ = sessions.issue(name)
        head = (
            f"POST /v1/applications/{name}/{verb} HTTP/1.1\r\nhost: benchmark\r\nauthorization: Bearer {token}\r\n"
            f"idempotency-key: {verb}-{name}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        rendered.append(head.encode() + body)
    return rendered


class Person(asyncio.Protocol):
    """Sends the next request once the last is answered; `wanted` is the status of a right answer."""

    def __init__(self, left: list[bytes], wanted: bytes, done: "asyncio.Future[None]") -> None:
        self._left = left
        self._wanted = wanted
        self._done = done
        self._answer = b""

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if len(body) < int(length):
            return
        if not self._answer.startswith(b"HTTP/1.1 " + self._wanted):
            self._done.set_exception(RuntimeError(self._answer.decode()))
            return
        self._answer = b""
        self._send()

    def _send(self) -> None:
        if self._left:
            self._transport.write(self._left.pop())
        else:
            self._transport.close()
            self._done.set_result(None)


async def crowd(port: int, rendered: list[bytes], wanted: bytes) -> float:
    """Requests/s until all are answered."""
    loop = asyncio.get_running_loop()
    left, people = list(rendered), [loop.create_future() for _ in range(CONNECTIONS)]
    began_s = time.perf_counter()
    for done in people:
        await loop.create_connection(lambda done=done: Person(left, wanted, done), "127.0.0.1", port)
    await asyncio.gather(*people)
    return len(rendered) / (time.perf_counter() - began_s)


@contextmanager
def empty_database(kind: str) -> Iterator[str]:
    """The URL of a database that is gone afterwards; PostgreSQL runs without fsync, as it does in the tests."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/mpaspor.db"
        return
    server = Postgres(find_programs(os.environ))
    try:
        yield server.url()
    finally:
        server.stop()


def measure(argv: list[str], port: int, bookings: int, kind: str) -> Rates:
    """One round of one server on a database of its own."""
    with empty_database(kind) as url:
        seed(url, bookings)
        secret = {name: secrets.token_hex(8) for name in ("ADMIN_TOKEN", "AUDIT_TOKEN", "CALLBACK_SECRET")}
        environ = {
            "DATABASE_URL": url,
            "SECRET": SECRET,
            "DUKCAPIL_URL": "http://127.0.0.1:9",
            "SIMPONI_URL": "http://127.0.0.1:9",
            "THREADS": str(THREADS),
            **secret,
        }
        server = subprocess.Popen(
            [*argv, "--host", "127.0.0.1", "--port", str(port)],
            env=os.environ | {f"MPASPOR_{name}": value for name, value in environ.items()} | {"PYTHONPATH": str(ROOT)},
        )
        try:
            await_server(port)
            hold = uvloop.run(crowd(port, requests("hold", b'{"slot":"%s"}' % SLOT.encode(), bookings), b"201"))
            billing = uvloop.run(crowd(port, requests("billing", b"", bookings), b"202"))
            return Rates(hold, billing)
        finally:
            server.terminate()
            server.wait()


def await_server(port: int) -> None:
    for _ in range(200):
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz").close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bookings", nargs="?", type=int, default=BOOKINGS)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    flags = parser.parse_args()
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(measure(SERVICE, free_ports(1)[0], flags.bookings, flags.database))
        bare.append(measure(BARE, free_ports(1)[0], flags.bookings, flags.database))
    for name in ("hold", "billing"):
        rates = [median(getattr(row, name) for row in rows) for rows in (ours, bare)]
        ratios = sorted(getattr(mine, name) / getattr(other, name) for mine, other in zip(ours, bare, strict=True))
        print(
            f"{name:8} service {rates[0]:6.0f}/s   bare Flask {rates[1]:6.0f}/s   "
            f"{median(ratios):.2f} times ({ratios[0]:.2f}-{ratios[-1]:.2f}; wanted 0.50)"
        )


if __name__ == "__main__":
    main()
