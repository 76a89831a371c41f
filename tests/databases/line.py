"""A line between the service and its PostgreSQL that a test can silence or cut, also at the moment of a commit."""

import socket
import threading
from contextlib import suppress
from pathlib import Path


class Line:
    """Carries connections from a socket in `folder` to the server's, `server`.

    `silent`: nothing goes through any more, and nobody is told. `cut_at`: once these bytes were sent to the server,
    which gets them, both sides of that connection are closed before its answer comes through.
    """

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self.silent = threading.Event()
        self.cut_at: bytes | None = None
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / ".s.PGSQL.5432"))
        self._listener.listen()
        self._open: list[socket.socket] = [self._listener]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def close(self) -> None:
        """End every connection and every thread."""
        for each in list(self._open):
            _shut(each)
        for thread in list(self._threads):
            thread.join()
        for each in self._open:
            each.close()

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            self._open += [client, server]
            for source, target, is_question in ((client, server, True), (server, client, False)):
                self._threads.append(threading.Thread(target=self._carry, args=(source, target, is_question)))
                self._threads[-1].start()

    def _carry(self, source: socket.socket, target: socket.socket, is_question: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self.silent.is_set():
                    continue
                if is_question and self.cut_at and self.cut_at in data:
                    # The answer must not overtake the cut; the server gets the question all the same.
                    _shut(source)
                target.sendall(data)
        _shut(source)
        _shut(target)


def _shut(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
