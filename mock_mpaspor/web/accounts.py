"""Accounts and sessions."""

from datetime import date
from typing import Annotated

import msgspec
from flask import Blueprint, Response

from mock_mpaspor.domain.applications import is_acceptable_password
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.domain.offices import Zone
from mock_mpaspor.store.accounts import NewAccount
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, body

ROUTES = Blueprint("accounts", __name__)

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Phone = Annotated[str, msgspec.Meta(min_length=5, max_length=30)]


class _Registration(msgspec.Struct, frozen=True):
    name: Name
    email: Email
    phone: Phone
    birth_date: date
    sex: Sex
    password: str


class _Login(msgspec.Struct, frozen=True):
    email: str
    password: str


@ROUTES.post("/v1/accounts")
def register() -> Response:
    new = body(_Registration)
    if not is_acceptable_password(new.password):
        raise Refusal(ErrorCode.INVALID, "A password has 8 to 12 characters, one of them a capital.")
    account = NewAccount(new.name, new.email, new.phone, new.birth_date, new.sex, new.password)
    return answer({"account_id": parts().accounts.open(account)}, 201)


@ROUTES.post("/v1/sessions")
def log_in() -> Response:
    login = body(_Login)
    account_id = parts().accounts.recognise(login.email, login.password)
    token, expires_ns = parts().sessions.issue(account_id)
    # A session belongs to no office; it is shown in the capital's zone.
    return answer({"token": token, "expires_at": Zone.WIB.show(expires_ns)}, 201)
