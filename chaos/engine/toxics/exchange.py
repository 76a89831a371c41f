"""The ground that the HTTP toxics share: each request on a connection is told apart from the others, decided about by
itself, and what comes back is matched with it, on connections that are kept alive too.

The stage stands in the lane of answers and has a watcher in the lane of requests. It begins where a request begins;
whatever is not HTTP/1.1 passes it as it came.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from chaos.engine.toxics.holding import HoldingStage
from chaos.engine.toxics.matching import HttpSettings
from chaos.engine.toxics.stage import Flow, Onward, Stage
from chaos.engine.traffic.framer import ANSWER, REQUEST, Framer, Kind, Piece
from chaos.engine.traffic.head import Head, NotHttp

H = TypeVar("H", bound=HttpSettings)

WHOLE_FIRST_LINE = re.compile(rb"[A-Z]{1,20} \S+ HTTP/1\.[01]\r\n")


class Chooser(Protocol):
    """The toxic, as it decides about requests."""

    toxicity: float

    def count_in(self, most: int) -> bool:
        """Count one more request of all connections; False where that is more than `most`, unless `most` is 0."""
        ...


@dataclass
class Exchange:
    """A request and what is to come back. `answer` is what the toxic answers itself, in place of the server."""

    head: Head
    touched: bool
    answer: bytes | None = None
    whole: bool = False  # the request's last byte has come


class ExchangeStage(HoldingStage[H]):
    """A toxic overrides `touch` for what it does to an answer, or `reply` to answer in the server's place."""

    chooser: Chooser

    def __init__(self, flow: Flow, settings: H, seed: str) -> None:
        super().__init__(flow, settings, seed)
        self.watcher: RequestWatcher[H]
        self._pending: deque[Exchange] = deque()
        self._answers = Framer(ANSWER, self._length_of)
        self._interim = False
        self.blind = False

    def touch(self, piece: Piece, at: float) -> None:
        """A piece of the answer to a request that is touched; answers come one after the other."""
        self.forward(piece.data, at)

    def reply(self, request: Head) -> bytes | None:
        """The answer to give without asking the server; None to ask it."""
        return None

    def forward(self, data: bytes, at: float) -> None:
        """Pass bytes on, behind whatever is held."""
        if not data:
            return
        if self._row:
            self.hold(at, data)
        else:
            self.onward.feed(data, at)

    def feed(self, chunk: bytes, at: float) -> None:
        self.watcher.answered()
        if self.blind or not self.watcher.begun:
            self.forward(chunk, at)
            return
        try:
            for piece in self._answers.feed(chunk):
                self._take(piece, at)
        except NotHttp:
            self.give_up(at)

    def expect(self, head: Head, at: float) -> Exchange:
        """A request has begun: decide about it."""
        touched = self.settings.matches(head) and self._chosen(head)
        exchange = Exchange(head, touched)
        exchange.answer = self.reply(head) if touched else None
        self._pending.append(exchange)
        return exchange

    def answer_due(self, at: float) -> None:
        """Give the toxic's own answers that have come to the head of the row."""
        while self._pending and self._pending[0].answer is not None and self._pending[0].whole:
            self.forward(self._pending.popleft().answer or b"", at)

    def give_up(self, at: float) -> None:
        """From here on everything passes as it comes."""
        self.blind = True
        self.forward(self._answers.rest(), at)
        self.watcher.give_up(at)

    def release(self) -> None:
        super().release()
        self.forward(self._answers.rest(), self.flow.clock.now())
        if any(exchange.answer is not None for exchange in self._pending):
            # A request was kept from the server, and would never be answered.
            self.flow.close(self)

    def _length_of(self, head: Head) -> int:
        if not self._pending:
            # An answer that nobody asked for.
            raise NotHttp
        return head.answer_length(self._pending[0].head.method)

    def _chosen(self, head: Head) -> bool:
        draw = self.rng.random()
        chosen = draw < self.chooser.toxicity and self.chooser.count_in(self.settings.first)
        self.flow.note(self, "applies" if chosen else "spared", f"{head.method} {head.path}", head.trace_id)
        return chosen

    def _take(self, piece: Piece, at: float) -> None:
        exchange = self._pending[0]
        if piece.kind is Kind.HEAD and piece.head is not None:
            self._interim = piece.head.status < 200
        if exchange.touched and not self._interim:
            self.touch(piece, at)
        else:
            self.forward(piece.data, at)
        if piece.kind is Kind.END and not self._interim:
            self._pending.popleft()
            self.answer_due(at)


class RequestWatcher(Stage[H]):
    """Follows the requests of one connection on behalf of the stage in the lane of answers."""

    def __init__(self, flow: Flow, answers: ExchangeStage[H]) -> None:
        super().__init__(flow, answers.settings, "")
        self._stage = answers
        answers.watcher = self
        self._requests = Framer(REQUEST, Head.request_length)
        # A connection on which something has passed is joined where its next request begins.
        self.begun = flow.fresh
        self._asked_last = False
        self._current: Exchange | None = None

    def answered(self) -> None:
        """Something came from the server."""
        self._asked_last = False

    def feed(self, chunk: bytes, at: float) -> None:
        if self._stage.blind or not self._begins(chunk):
            self.onward.feed(chunk, at)
            return
        try:
            self._follow(self._requests.feed(chunk), at, self.onward)
        except NotHttp:
            self._stage.give_up(at)

    def give_up(self, at: float) -> None:
        if rest := self._requests.rest():
            self.onward.feed(rest, at)

    def release(self) -> None:
        if self._current is not None and self._current.answer is not None:
            # Part of a request was kept from the server: the rest of it means nothing there.
            self.flow.close(self)
        else:
            self.give_up(self.flow.clock.now())

    def _begins(self, chunk: bytes) -> bool:
        if not self.begun:
            # Who has asked and was not answered is not about to ask, on a connection without pipelining.
            self.begun = not self._asked_last and WHOLE_FIRST_LINE.match(chunk) is not None
            self._asked_last = True
        return self.begun

    def _follow(self, pieces: Iterator[Piece], at: float, onward: Onward) -> None:
        for piece in pieces:
            if piece.head is not None:
                self._current = self._stage.expect(piece.head, at)
            exchange = self._current
            if (exchange is None or exchange.answer is None) and piece.data:
                onward.feed(piece.data, at)
            if piece.kind is Kind.END and exchange is not None:
                exchange.whole = True
                self._current = None
                self._stage.answer_due(at)
