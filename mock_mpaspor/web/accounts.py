"""Accounts, the confirmation of their e-mail address, sessions, and the people an account applies for."""

from datetime import date
from typing import Annotated

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.applications import is_acceptable_password
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.domain.offices import Zone
from mock_mpaspor.store.accounts import NewAccount
from mock_mpaspor.store.applicants import Applicant
from mock_mpaspor.web.operations import Door, Operation, Query, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, body, caller, require_token

ROUTES = Blueprint("accounts", __name__)

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
# Printable ASCII: an address goes into the head of a mail, and must not grow where its case is folded.
Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[!-?A-~]+@[!-?A-~]+(?!\n)$")]
Phone = Annotated[str, msgspec.Meta(min_length=5, max_length=30)]
Otp = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}(?!\n)$")]

# An account belongs to no office; what it is shown is in the capital's zone.
_ZONE = Zone.WIB


class Registration(msgspec.Struct, frozen=True):
    """Who opens an account; the password has 8 to 12 characters, one of them a capital."""

    name: Name
    email: Email
    phone: Phone
    birth_date: date
    sex: Sex
    password: str


class Registered(msgspec.Struct, frozen=True):
    """The account, and when the code that was mailed ends."""

    account_id: str
    otp_expires_at: str


class CodeRequest(msgspec.Struct, frozen=True):
    """Where a new code is to be sent."""

    email: Email


class CodeSent(msgspec.Struct, frozen=True):
    """When the code ends, if one was sent: whether anybody has the address is not told."""

    otp_expires_at: str


class Confirmation(msgspec.Struct, frozen=True):
    """The code that came to the address."""

    email: Email
    otp: Otp


class Confirmed(msgspec.Struct, frozen=True):
    """Whose address was confirmed."""

    account_id: str


class Login(msgspec.Struct, frozen=True):
    """Who wants a session."""

    email: str
    password: str


class SessionOpened(msgspec.Struct, frozen=True):
    """The token to show as a bearer, and when it ends."""

    token: str
    expires_at: str


class KnownApplicant(msgspec.Struct, frozen=True):
    """Somebody the account applies for; of the NIK only the last four digits show."""

    applicant: str
    name: str
    birth_date: date
    sex: Sex
    nik: str


class KnownApplicants(msgspec.Struct, frozen=True):
    """The people the account applies for, in the order in which they were identified."""

    applicants: list[KnownApplicant]


class SentMail(msgspec.Struct, frozen=True):
    """A mail as it was sent."""

    recipient: str
    subject: str
    body: str
    sent_at: str


class SentMails(msgspec.Struct, frozen=True):
    """A page of mails, the newest first."""

    mails: list[SentMail]


@ROUTES.post("/v1/accounts")
@operation(
    Operation(
        "Open an account, or anew while its address is not confirmed",
        {201: Registered},
        refusals=(ErrorCode.ACCOUNT_EXISTS, ErrorCode.TOO_MANY_ATTEMPTS),
        body=Registration,
    ),
)
def register() -> Response:
    new = body(Registration)
    if not is_acceptable_password(new.password):
        raise Refusal(ErrorCode.INVALID, "A password has 8 to 12 characters, one of them a capital.")
    opened = parts().accounts.open(NewAccount(new.name, new.email, new.phone, new.birth_date, new.sex, new.password))
    return answer(Registered(opened.account_id, _ZONE.show(opened.otp_ends_ns)), 201)


@ROUTES.post("/v1/accounts/otp")
@operation(
    Operation("Have a new code mailed", {202: CodeSent}, refusals=(ErrorCode.TOO_MANY_ATTEMPTS,), body=CodeRequest),
)
def send_code() -> Response:
    ends_ns = parts().otps.resend(body(CodeRequest).email)
    return answer(CodeSent(_ZONE.show(ends_ns)), 202)


@ROUTES.post("/v1/accounts/verification")
@operation(
    Operation(
        "Confirm an e-mail address",
        {200: Confirmed},
        refusals=(ErrorCode.OTP_WRONG, ErrorCode.OTP_EXPIRED, ErrorCode.TOO_MANY_ATTEMPTS),
        body=Confirmation,
    ),
)
def confirm() -> Response:
    stated = body(Confirmation)
    return answer(Confirmed(parts().otps.confirm(stated.email, stated.otp)))


@ROUTES.post("/v1/sessions")
@operation(
    Operation(
        "Log in",
        {201: SessionOpened},
        refusals=(ErrorCode.WRONG_CREDENTIALS, ErrorCode.NOT_VERIFIED, ErrorCode.TOO_MANY_ATTEMPTS),
        body=Login,
    ),
)
def log_in() -> Response:
    login = body(Login)
    account_id = parts().accounts.recognise(login.email, login.password)
    token, expires_ns = parts().sessions.issue(account_id)
    return answer(SessionOpened(token, _ZONE.show(expires_ns)), 201)


@ROUTES.get("/v1/applicants")
@operation(Operation("The people the account applies for", {200: KnownApplicants}, door=Door.SESSION))
def list_applicants() -> Response:
    known = parts().applicants.of_account(caller())
    return answer(KnownApplicants([_shown(applicant) for applicant in known]))


@ROUTES.get("/admin/mails")
@operation(
    Operation(
        "What was sent by e-mail",
        {200: SentMails},
        door=Door.ADMIN,
        query=(Query("to", {"type": "string", "maxLength": 254}, description="To whom; without it, to everybody"),),
    ),
)
def read_mails() -> Response:
    require_token(parts().admin_token)
    mails = parts().mails.read(request.args.get("to"))
    shown = [SentMail(mail.recipient, mail.subject, mail.body, _ZONE.show(mail.sent_ns)) for mail in mails]
    return answer(SentMails(shown))


def _shown(applicant: Applicant) -> KnownApplicant:
    who = applicant.identity
    masked = "*" * (len(who.nik) - 4) + who.nik[-4:]
    return KnownApplicant(applicant.applicant, who.name, who.birth_date, who.sex, masked)
