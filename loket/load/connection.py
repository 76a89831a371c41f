"""One keep-alive connection to one host, as a phone has it, that never repeats a request by itself.

geventhttpclient's own client resends reads and PUTs when a connection breaks; a journal that says what was sent,
how often and when can have none of that. Its parser and gevent's loop are used, its client is not.
"""

import errno
from dataclasses import dataclass
from functools import cache
from time import monotonic
from urllib.parse import urlsplit

from geventhttpclient.response import HTTPParseError

from loket.load.answers import Loss
from loket.load.deadline import Deadline, TooLate
from loket.load.received import Reading, Received, plain
from loket.load.wire import Wire, resolved

READ_BLOCK = 16_384
# Errors of this host: it has no open file, port or buffer left. They are no news about the service.
LACKS = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM})


@dataclass(frozen=True)
class Timeouts:
    """Seconds until a person's app gives an attempt up."""

    # Assumption: a mobile HTTP stack waits 5 s for a connection, the app 15 s for a whole answer.
    connect_s: float = 5.0
    total_s: float = 15.0


class Lost(Exception):
    """No whole answer came; `loss` says why."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss.value)
        self.loss = loss


class Connection:
    """At most one socket to `base_url`, opened when first needed and again after it broke."""

    __slots__ = ("_address", "_deadline", "_timeouts", "_wire", "host")

    def __init__(self, base_url: str, timeouts: Timeouts) -> None:
        self.host, self._address = _taken_apart(base_url)
        self._timeouts = timeouts
        self._deadline = Deadline()
        self._wire: Wire | None = None

    def exchange(self, method: str, *request: bytes) -> Received:
        """Send the request (head and body, in one piece or more) once and return the answer. Raises Lost."""
        due_s = monotonic() + self._timeouts.total_s
        try:
            wire = self._connected(due_s)
            self._deadline.begin(due_s)
            return self._converse(wire, method, request)
        except TooLate:
            self.close()
            raise Lost(Loss.TIMEOUT) from None
        except BaseException:
            self.close()
            raise
        finally:
            self._deadline.end()

    def open(self, within_s: float) -> None:
        """Be connected, if that can be had in so many seconds; who is not tries again with their next request."""
        try:
            self._connected(monotonic() + within_s)
        except Lost:
            pass
        except BaseException:
            self.close()
            raise
        finally:
            self._deadline.end()

    def close(self) -> None:
        self._deadline.close()
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _connected(self, due_s: float) -> Wire:
        if self._wire is not None and not self._wire.stale():
            return self._wire
        self.close()
        try:
            self._wire = self._first_that_connects(due_s)
        except (TooLate, TimeoutError):
            raise Lost(Loss.CONNECT_TIMEOUT) from None
        except OSError as error:
            raise Lost(Loss.NO_SOCKET if error.errno in LACKS else Loss.CONNECT_REFUSED) from None
        return self._wire

    def _first_that_connects(self, due_s: float) -> Wire:
        connect_s = self._timeouts.connect_s
        self._deadline.begin(min(due_s, monotonic() + connect_s))
        failure: BaseException = OSError("no address")
        for address in resolved(*self._address):
            self._deadline.begin(min(due_s, monotonic() + connect_s))
            try:
                return Wire(address)
            except (TooLate, OSError) as error:
                failure = error
        raise failure

    def _converse(self, wire: Wire, method: str, request: tuple[bytes, ...]) -> Received:
        try:
            wire.send(request)
            data = wire.receive(READ_BLOCK)
            if method != "HEAD" and (received := plain(data)):
                return received
            if not data:
                raise Lost(Loss.RESET)
            return self._read_on(wire, Reading(method), data)
        except HTTPParseError:
            raise Lost(Loss.CUT) from None
        except OSError:
            raise Lost(Loss.RESET) from None

    def _read_on(self, wire: Wire, reading: Reading, data: bytes) -> Received:
        reading.feed(data)
        while not reading.whole:
            data = wire.receive(READ_BLOCK)
            reading.feed(data)  # nothing more to come may be the end of the answer
            if not data and not reading.whole:
                raise Lost(Loss.CUT)
        if reading.should_close():
            self.close()
        return reading.received()


@cache
def _taken_apart(base_url: str) -> tuple[str, tuple[str, int]]:
    """What the host is called in a request, and where it is; a crowd asks for few, and often."""
    parts = urlsplit(base_url)
    return parts.netloc, (parts.hostname or "", parts.port or 80)
