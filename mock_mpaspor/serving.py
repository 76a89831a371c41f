"""Runs the two processes: the service on granian, the jobs on threads. Both end cleanly on SIGTERM and SIGINT.

granian serves from a worker process of its own; the worker watches its parent, so that even a killed parent
leaves nobody behind on the port.
"""

import multiprocessing
import os
import signal
import socket
import threading
from functools import partial
from multiprocessing.process import BaseProcess
from types import FrameType

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from mock_mpaspor.app import create_app, create_jobs
from mock_mpaspor.jobs.front import Front
from mock_mpaspor.settings import Settings

BACKLOG = 2048
# granian accepts this many connections at once; thousands of people keep theirs open while they think.
CONNECTIONS = 16_384
# What a request under way may still take when the process is told to end.
STOP_PATIENCE_S = 3


class AddressTakenError(OSError):
    """Somebody else listens there."""


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until told to end. Raises AddressTakenError before anything is started."""
    require_free(host, port)
    server = Server(
        target="mock_mpaspor",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=1,
        blocking_threads=settings.threads,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_PATIENCE_S,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=partial(load, settings), wrap_loader=False)


def load(settings: Settings) -> Flask:
    """The app, made in the worker process: connections and threads do not survive a fork."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return create_app(settings)


def run_jobs(settings: Settings, host: str, port: int) -> None:
    """Run the jobs until told to end. Raises AddressTakenError before anything is started."""
    require_free(host, port)
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


def require_free(host: str, port: int) -> None:
    """Raise AddressTakenError where somebody listens: granian would share the port with a stale server."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTakenError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
