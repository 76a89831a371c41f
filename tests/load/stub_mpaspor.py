"""A stand-in for M-Paspor and the bank: correct enough for a journey, with every place in one process's memory.

Run as a program; it prints the port that it listens on, and answers until it is killed.
"""

import argparse
import json
import threading
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Desk:
    """What the stub remembers."""

    def __init__(self, slow_s: float) -> None:
        self.lock = threading.Lock()
        self.slow_s = slow_s
        self.opens_at = 0.0
        self.free: dict[str, int] = {}
        self.answers: dict[str, tuple[int, dict]] = {}
        self.accounts: dict[str, dict] = {}
        self.identities: list[dict] = []
        self.states: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.numbers = 0
        # Trace id to the monotonic nanoseconds at which the request came.
        self.traces: dict[str, int] = {}

    def number(self) -> int:
        self.numbers += 1
        return self.numbers


def refusal(code: str) -> dict:
    return {"error": {"code": code, "message": code, "definite": True}}


def answer(desk: Desk, method: str, parts: list[str], body: dict, key: str) -> tuple[int, dict]:  # noqa: C901
    """Status and body for a request; called under the lock. The whole route table, so that it reads in one go."""
    match method, *parts:
        case "POST", "admin", "releases":
            desk.opens_at = datetime.fromisoformat(body["opens_at"]).timestamp()
            share = body["places"] // body["days"]
            desk.free = {f"day-{day}": share for day in range(body["days"])}
            return 201, {"slots": []}
        case "POST", "v1", "accounts":
            if body["email"] in desk.accounts:
                return 409, refusal("account_exists")
            desk.accounts[body["email"]] = body
            return 201, {"account_id": f"account-{desk.number()}", "otp_expires_at": "2026-01-01T00:05:00+07:00"}
        case "GET", "admin", "mails":
            return 200, {"mails": [{"body": "Kode verifikasi Anda: 123456"}]}
        case "POST", "v1", "accounts", "verification":
            return 200, {"account_id": "account"}
        case "POST", "v1", "sessions":
            return 201, {"token": f"token-{body['email']}"}
        case "GET", "v1", "offices", _, "availability":
            slots = [{"slot": slot, "free": free} for slot, free in desk.free.items()]
            return 200, {"open": time.time() >= desk.opens_at, "slots": slots}
        case "POST", "v1", "applications":
            return 201, {"application_id": f"application-{desk.number()}", "state": "DRAFT"}
        case "GET", "seen":
            return 200, {"accounts": desk.accounts, "identities": desk.identities, "traces": desk.traces}
        case "PUT", "v1", "applications", application, "identity":
            desk.identities.append(body)
            return 200, {"application_id": application, "state": "NIK_VERIFIED"}
        case "POST", "v1", "applications", application, "documents":
            return 201, {"document_id": "document", "state": "DOCS_UPLOADED"}
        case "POST", "v1", "applications", application, "hold":
            return hold(desk, application, body["slot"], key)
        case "POST", "v1", "applications", application, "billing":
            return 202, {"application_id": application, "state": "BILLING_REQUESTED"}
        case "GET", "v1", "applications", application, "billing":
            desk.owners["8" + application.split("-")[1].rjust(14, "0")] = application
            return 200, {"billing_code": "8" + application.split("-")[1].rjust(14, "0"), "amount_idr": 950_000}
        case "GET", "v1", "applications", application:
            return 200, {"application_id": application, "state": desk.states.get(application, "AWAITING_PAYMENT")}
        case "POST", "pay":
            desk.states[desk.owners[body["billing_code"]]] = "PAID"
            return 201, {"ntb": "1" * 12, "ntpn": "A" * 16, "state": "paid"}
    return 404, refusal("unknown_route")


def hold(desk: Desk, application: str, slot: str, key: str) -> tuple[int, dict]:
    if key not in desk.answers:
        if time.time() < desk.opens_at:
            return 409, refusal("not_open")
        if not any(desk.free.values()):
            return 409, refusal("sold_out")
        if not desk.free[slot]:
            return 409, refusal("slot_full")
        desk.free[slot] -= 1
        desk.answers[key] = (201, {"application_id": application, "slot": slot, "state": "SLOT_HELD"})
    return desk.answers[key]


class Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the desk, answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    desk: Desk

    def handle_request(self) -> None:
        came_ns = time.monotonic_ns()
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        is_json = self.headers.get("content-type") == "application/json"
        body = json.loads(content) if content and is_json else {}
        parts = self.path.split("?")[0].strip("/").split("/")
        time.sleep(self.desk.slow_s)
        with self.desk.lock:
            if traced := self.headers.get("traceparent"):
                self.desk.traces[traced.split("-")[1]] = came_ns
            status, reply = answer(self.desk, self.command, parts, body, self.headers.get("idempotency-key", ""))
        out = json.dumps(reply).encode()
        head = f"HTTP/1.1 {status} Whatever\r\ncontent-length: {len(out)}\r\n\r\n".encode()
        self.wfile.write(head + out)

    do_GET = do_POST = do_PUT = handle_request  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--slow-s", type=float, default=0.0)
    Handler.desk = Desk(parser.parse_args().slow_s)
    with Server(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)  # noqa: T201
        server.serve_forever()
