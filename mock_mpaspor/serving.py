"""Runs the two processes: the service on granian, the jobs on threads. Both end cleanly on SIGTERM and SIGINT."""

import signal
import threading
from functools import partial
from types import FrameType

from flask import Flask

from mock_mpaspor import server
from mock_mpaspor.app import create_app, create_jobs
from mock_mpaspor.canary import Canary
from mock_mpaspor.defects import plant
from mock_mpaspor.jobs.front import Front
from mock_mpaspor.kinds import Kinds
from mock_mpaspor.settings import Settings
from mock_mpaspor.store.opening import require_database


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until told to end. Raises AddressTakenError or DatabaseUnusableError before anything is started."""
    _require_database(settings)
    server.serve(partial(_open, settings, host, port), host, port, settings.threads)


def _open(settings: Settings, host: str, port: int) -> Flask:
    canary = Canary(host, port)
    canary.start()
    return create_app(settings, queue_s=canary.wait_s)


def _require_database(settings: Settings) -> None:
    """In this process, so that no worker is started again and again on a database that is not there."""
    require_database(settings.database_url, plant(Kinds(), settings.defects).schema)


def run_jobs(settings: Settings, host: str, port: int) -> None:
    """Run the jobs until told to end. Raises AddressTakenError or DatabaseUnusableError before anything is started."""
    server.require_free(host, port)
    _require_database(settings)
    told_to_end = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        told_to_end.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    jobs = create_jobs(settings)
    front = Front(host, port, settings.instance, jobs.metrics.registry)
    listener = threading.Thread(target=front.serve_forever, name="front")
    loops = jobs.loops()
    listener.start()
    for loop in loops:
        loop.start()
    told_to_end.wait()
    front.shutdown()
    front.server_close()
    listener.join()
    for loop in loops:
        loop.stop()
    jobs.close()
