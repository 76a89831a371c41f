"""Serves an app with granian, for the service and for the systems around it: one worker process with blocking
threads, on a port of its own, and nobody left on it at the end.

The worker watches its parent, so that even a killed parent leaves no orphan; a worker that dies is replaced.
"""

import multiprocessing
import os
import socket
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.process import BaseProcess

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

BACKLOG = 2048
# granian accepts this many connections at once; thousands of people keep theirs open while they think.
CONNECTIONS = 16_384
# What a request under way may still take when the process is told to end.
STOP_PATIENCE_S = 3


class AddressTakenError(OSError):
    """Somebody else listens there."""


def serve(open_app: Callable[[], Flask], host: str, port: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises AddressTakenError before anything is started.

    `open_app` is called in the worker process: connections, files and threads do not survive a fork.
    """
    require_free(host, port)
    server = Server(
        target="mock_mpaspor",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=1,
        blocking_threads=threads,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_PATIENCE_S,
        log_level=LogLevels.error,
    )
    server.serve(target_loader=partial(_open_in_worker, open_app), wrap_loader=False)


def require_free(host: str, port: int) -> None:
    """Raise AddressTakenError where somebody listens: granian would share the port with a stale server."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTakenError(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _open_in_worker(open_app: Callable[[], Flask]) -> Flask:
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return open_app()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
