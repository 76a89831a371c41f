"""Bare Flask, for booking_path.py: the statements of a booking in one transaction, and nothing around them."""

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path

from flask import Flask, Response, jsonify, request

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mock_mpaspor import server
from mock_mpaspor.store.database import Database
from mock_mpaspor.store.schema import APPLICATIONS, EVENTS, IDEMPOTENCY, OUTBOX, SLOTS


def create_app(url: str, threads: int) -> Flask:
    database = Database(url, threads)
    app = Flask(__name__)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify({})

    @app.post("/v1/applications/<name>/hold")
    def hold(name: str) -> tuple[Response, int]:
        slot = request.get_json()["slot"]
        answer = {"application_id": name, "slot": slot, "state": "SLOT_HELD"}
        with database.write() as connection:
            connection.execute(SLOTS.update().where(SLOTS.c.id == slot, SLOTS.c.free > 0).values(free=SLOTS.c.free - 1))
            connection.execute(
                APPLICATIONS.update()
                .where(APPLICATIONS.c.id == name)
                .values(state="SLOT_HELD", slot=slot, ends_ns=time.time_ns())
            )
            keep(connection, name, "hold", answer)
        return jsonify(answer), 201

    @app.post("/v1/applications/<name>/billing")
    def billing(name: str) -> tuple[Response, int]:
        now = time.time_ns()
        answer = {"application_id": name, "state": "BILLING_REQUESTED"}
        with database.write() as connection:
            connection.execute(
                APPLICATIONS.update()
                .where(APPLICATIONS.c.id == name)
                .values(state="BILLING_REQUESTED", requested_ns=now, ends_ns=None)
            )
            keep(connection, name, "billing", answer)
            row = {"topic": "bill", "application_id": name, "created_ns": now, "due_ns": now, "give_up_ns": now}
            connection.execute(OUTBOX.insert().inline(), row)
        return jsonify(answer), 202

    return app


def keep(connection, name: str, verb: str, answer: dict[str, str]) -> None:
    """The stored answer and the event."""
    now = time.time_ns()
    row = {"account_id": name, "key": f"{verb}-{name}", "fingerprint": verb, "answer": str(answer), "created_ns": now}
    connection.execute(IDEMPOTENCY.insert(), row)
    event = {"unix_ns": now, "type": verb, "application_id": name, "applicant": name, "key": verb}
    connection.execute(EVENTS.insert().inline(), event)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    flags = parser.parse_args()
    threads = int(os.environ["MPASPOR_THREADS"])
    opened = partial(create_app, os.environ["MPASPOR_DATABASE_URL"], threads)
    server.serve(opened, flags.host, flags.port, threads)
