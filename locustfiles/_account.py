"""An account: registering, the code that comes by mail, logging in.

Mail does not travel with the application: a person reads theirs past the network that is under test.
"""

import re

from locustfiles._mpaspor import MPaspor
from locustfiles._people import Person
from locustfiles._phone import Leaves, Phone
from locustfiles._steps import Mails, Registered, Session
from loket.load.answers import Answer, Reply
from loket.records import Outcome

CODE = re.compile(r"\b\d{6}\b")
# Assumption: whoever has tried three codes in vain gives up.
MOST_CODES = 3


def open_account(phone: Phone, person: Person, *, mistypes_code: bool = False) -> MPaspor:
    """M-Paspor with this person logged in. Raises Leaves."""
    mpaspor = MPaspor(person, phone.visitor.office)
    registered = phone.insist(mpaspor.register())
    if registered.refusal != "account_exists":
        phone.needed(registered, Registered)
    phone.visitor.passed("register")
    if isinstance(registered.reply, Registered) and registered.reply.otp_expires_at:
        _confirm_address(phone, mpaspor, mistypes_code)
    return log_in(phone, person)


def log_in(phone: Phone, person: Person) -> MPaspor:
    """M-Paspor with this person logged in; the address is confirmed first where the service asks for it."""
    mpaspor = MPaspor(person, phone.visitor.office)
    answer = phone.insist(mpaspor.login())
    if answer.refusal == "not_verified":
        # The answer to the registration was lost on its way; the mail was not.
        _confirm_address(phone, mpaspor)
        answer = phone.insist(mpaspor.login())
    session = phone.needed(answer, Session)
    phone.visitor.passed("login")
    return MPaspor(person, phone.visitor.office, session.token)


def _confirm_address(phone: Phone, mpaspor: MPaspor, mistypes_code: bool = False) -> None:
    phone.think()
    if mistypes_code:
        phone.insist(mpaspor.verify_email(_mistyped(_mailed_code(phone, mpaspor))))
        phone.think()
    phone.needed(_confirmation(phone, mpaspor), Reply)
    phone.visitor.passed("verify_email")


def _confirmation(phone: Phone, mpaspor: MPaspor) -> Answer:
    """The answer to the newest code; one that is not good any more is followed by another."""
    for _ in range(MOST_CODES - 1):
        answer = phone.insist(mpaspor.verify_email(_mailed_code(phone, mpaspor)))
        if answer.refusal is None:
            return answer
        phone.needed(phone.insist(mpaspor.resend_code()), Reply)
    return phone.insist(mpaspor.verify_email(_mailed_code(phone, mpaspor)))


def _mailed_code(phone: Phone, mpaspor: MPaspor) -> str:
    """The code in the newest mail that has one; the mailbox is looked into again until patience is over."""
    visitor = phone.visitor
    call = mpaspor.read_mail(visitor.plan.admin_token)
    while True:
        mailbox = phone.needed(phone.insist(call, visitor.send_past_the_network), Mails)
        for mail in mailbox.mails:
            if found := CODE.search(mail.body):
                return found[0]
        if visitor.now_s + phone.behaviour.poll_first_s >= phone.gives_up_s:
            raise Leaves(Outcome.GAVE_UP)
        visitor.pause(phone.behaviour.poll_first_s)


def _mistyped(code: str) -> str:
    """The code with another last digit.

    >>> _mistyped("123459")
    '123450'
    """
    return f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
