"""An application from its draft to its documents, and how it is read back."""

from datetime import date
from typing import Literal

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain import nik
from mock_mpaspor.domain.applications import DocumentKind, Kind, Purpose, is_whole_jpeg
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.fees import PassportType
from mock_mpaspor.domain.identity import Identity
from mock_mpaspor.domain.nik import Sex
from mock_mpaspor.domain.states import LABELS, State, may_move
from mock_mpaspor.store.applications import NewApplication
from mock_mpaspor.store.events import read_timeline
from mock_mpaspor.store.releases import find_office
from mock_mpaspor.web.accounts import Name
from mock_mpaspor.web.codes import visible_code
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, body, caller, trace_id

ROUTES = Blueprint("applications", __name__)


class _Draft(msgspec.Struct, frozen=True):
    kind: Kind
    passport_type: PassportType
    validity_years: Literal[5, 10]
    office: str
    purpose: Purpose


class _Identity(msgspec.Struct, frozen=True):
    nik: str
    name: Name
    birth_date: date
    sex: Sex


@ROUTES.post("/v1/applications")
def create() -> Response:
    account_id = caller()
    draft = body(_Draft)
    try:
        office = find_office(draft.office)
    except Refusal as refusal:
        raise Refusal(ErrorCode.INVALID, refusal.message) from refusal
    new = NewApplication(draft.kind, draft.passport_type, draft.validity_years, office, draft.purpose)
    application_id = parts().applications.create(account_id, new, trace_id())
    return answer({"application_id": application_id, "state": State.DRAFT, "label": LABELS[State.DRAFT]}, 201)


@ROUTES.get("/v1/applications/<application_id>")
def show(application_id: str) -> Response:
    application = parts().applications.find(application_id, caller())
    zone = application.office.zone
    timeline = read_timeline(parts().database, application_id)
    pay_before_ns = application.pay_before_ns
    content = {
        "application_id": application_id,
        "state": application.state,
        "label": LABELS[application.state],
        "slot": application.slot,
        "billing_code": visible_code(application),
        "amount_idr": application.amount_idr,
        "pay_before": None if pay_before_ns is None else zone.show(pay_before_ns),
        "timeline": [{"state": state, "at": zone.show(parts().clock.at(at_ns))} for state, at_ns in timeline],
    }
    return answer(content)


@ROUTES.put("/v1/applications/<application_id>/identity")
def identify(application_id: str) -> Response:
    application = parts().applications.find(application_id, caller())
    stated = body(_Identity)
    if not may_move(application.state, State.NIK_VERIFIED):
        raise Refusal(ErrorCode.WRONG_STATE)
    if not nik.is_valid(stated.nik, stated.birth_date, stated.sex):
        raise Refusal(ErrorCode.IDENTITY_INVALID)
    parts().dukcapil.confirm(Identity(stated.nik, stated.name, stated.birth_date, stated.sex), trace_id())
    applicant = nik.keyed_hash(stated.nik, parts().identity_secret)
    parts().applications.identify(application_id, applicant, stated.name, trace_id())
    return answer({"application_id": application_id, "state": State.NIK_VERIFIED})


@ROUTES.post("/v1/applications/<application_id>/documents")
def upload(application_id: str) -> Response:
    parts().applications.find(application_id, caller())
    kind = request.args.get("kind", "")
    if kind not in frozenset(DocumentKind):
        raise Refusal(ErrorCode.INVALID, f"`kind` is one of {', '.join(DocumentKind)}.")
    if request.mimetype != "image/jpeg":
        raise Refusal(ErrorCode.UNSUPPORTED_TYPE)
    content = request.get_data()
    if not is_whole_jpeg(content):
        raise Refusal(ErrorCode.NOT_A_JPEG)
    document_id = parts().applications.store_document(application_id, DocumentKind(kind), content, trace_id())
    return answer({"document_id": document_id, "state": State.DOCS_UPLOADED}, 201)
