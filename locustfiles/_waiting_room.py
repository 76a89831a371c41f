"""The waiting room of an opening: somebody takes a ticket and waits for their turn."""

from locustfiles._mpaspor import MPaspor
from locustfiles._phone import Leaves, Phone
from locustfiles._steps import Turn
from loket.records import Outcome


def wait_for_the_turn(phone: Phone, mpaspor: MPaspor) -> str:
    """The ticket, once it is admitted; looked at as often as the room says. Raises Leaves."""
    visitor = phone.visitor
    turn = phone.needed(phone.insist(mpaspor.join_queue(visitor.office)), Turn)
    while not turn.admitted:
        pause_s = max(turn.retry_after_s, phone.behaviour.poll_first_s)
        if visitor.now_s + pause_s >= phone.gives_up_s:
            raise Leaves(Outcome.GAVE_UP)
        visitor.pause(pause_s)
        turn = phone.needed(phone.insist(mpaspor.see_queue(turn.ticket)), Turn)
    return turn.ticket
