"""Serves a system with granian: one worker process, a few blocking threads, an end without orphans."""

import multiprocessing
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess

from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from mock_mpaspor.outside.system import System

# A request that is still waiting when the process is told to stop gets this long.
STOP_PATIENCE_S = 3


class AddressTaken(Exception):
    """Somebody already listens there."""


@dataclass(frozen=True)
class Loader:
    """Opens the system inside the worker process: threads, files and connections do not survive a fork."""

    open_system: Callable[[], System]

    def __call__(self) -> Flask:
        _leave_with_parent()
        system = self.open_system()
        system.start()
        return system.app


def serve(open_system: Callable[[], System], host: str, port: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises AddressTaken before anything is opened."""
    _check_free(host, port)
    server = Server(
        target=__name__,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        log_level=LogLevels.error,
        workers_kill_timeout=STOP_PATIENCE_S,
    )
    server.serve(target_loader=Loader(open_system), wrap_loader=False)


def _check_free(host: str, port: int) -> None:
    """granian binds with SO_REUSEPORT, which would let a stale server share the port in silence."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressTaken(f"cannot listen on {host}:{port}: {error.strerror}") from error


def _leave_with_parent() -> None:
    """End this worker when the main process is killed, so that no orphan keeps the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
