"""How somebody uses their phone: patience, asking again, and leaving where they cannot go on."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from locustfiles._behaviour import Behaviour
from loket.load.answers import Answer, Reply
from loket.load.call import Call
from loket.load.visitor import Visitor
from loket.records import Outcome

R = TypeVar("R", bound=Reply)


class Leaves(Exception):
    """Ends a journey where it stands."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Phone:
    """One person's. Patience starts with the opening, or with the arrival of who comes later.

    Who `refreshes` looks again as soon as they can, however long they have looked and whatever they are told.
    """

    def __init__(self, visitor: Visitor, behaviour: Behaviour, *, refreshes: bool = False) -> None:
        self.visitor = visitor
        self.behaviour = behaviour
        self._refreshes = refreshes
        self.gives_up_s = max(visitor.now_s, visitor.plan.opens_at_s) + visitor.plan.patience_s

    def be_patient(self) -> None:
        """Patience starts anew: something was achieved."""
        self.gives_up_s = self.visitor.now_s + self.visitor.plan.patience_s

    def insist(self, call: Call, send: Callable[[Call], Answer] | None = None) -> Answer:
        """Attempt the same operation until it is answered or patience is over; gives the last answer.

        Who is told to come back later (`Retry-After`) comes no sooner.
        """
        visitor, send = self.visitor, send or self.visitor.send
        answer = send(call)
        wait_s = self.behaviour.retry_first_s
        while answer.worth_retrying:
            pause_s = max(wait_s * visitor.rng.uniform(0.5, 1.5), answer.retry_after_s or 0.0)
            if visitor.now_s + pause_s >= self.gives_up_s:
                break
            visitor.pause(pause_s)
            wait_s = min(wait_s * 2, self.behaviour.retry_limit_s)
            call = call.again()
            answer = send(call)
        return answer

    def poll(self, ask: Callable[[], Call]) -> Iterator[Answer]:
        """Ask again and again, less and less often, until patience is over."""
        visitor, behaviour = self.visitor, self.behaviour
        wait_s, told_s = behaviour.poll_first_s, 0.0
        while True:
            pause_s = self._impatience_s() if self._refreshes else max(wait_s, told_s)
            if visitor.now_s + pause_s >= self.gives_up_s:
                return
            visitor.pause(pause_s)
            wait_s = min(wait_s * behaviour.poll_growth, behaviour.poll_limit_s)
            answer = visitor.send(ask())
            told_s = answer.retry_after_s or 0.0
            if not (answer.ok or answer.refusal or answer.worth_retrying):
                raise Leaves(Outcome.FAILED)
            yield answer

    def _impatience_s(self) -> float:
        return self.behaviour.refresh_every_s * self.visitor.rng.uniform(0.5, 1.5)

    def needed(self, answer: Answer, kind: type[R], lost: Outcome = Outcome.GAVE_UP) -> R:
        """The reply, without which the person cannot go on; `lost` is their outcome if no answer came at all."""
        if isinstance(answer.reply, kind):
            return answer.reply
        if answer.worth_retrying:
            raise Leaves(lost)
        raise Leaves(Outcome.REFUSED if answer.refusal else Outcome.FAILED)

    def think(self) -> None:
        """As long as one screen takes."""
        self.visitor.pause(self.behaviour.think_s * self.visitor.rng.uniform(0.5, 1.5))

    def key(self, operation: str) -> str:
        """The idempotency key of this person's operation: no other run, person or operation has it."""
        return f"{self.visitor.run_token}-{self.visitor.index}-{operation}"
