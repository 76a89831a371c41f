"""The documents of an application: sent as pictures, and what is still missing."""

import msgspec
from flask import Blueprint, Response, request

from mock_mpaspor.domain.documents import DocumentKind
from mock_mpaspor.domain.errors import ErrorCode, Refusal
from mock_mpaspor.domain.jpeg import is_jpeg
from mock_mpaspor.domain.states import LABELS, State
from mock_mpaspor.web.operations import Door, Operation, Query, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer, caller, raw_body, trace_id

ROUTES = Blueprint("documents", __name__)


class Taken(msgspec.Struct, frozen=True):
    """A document that was kept; `missing` names the first of several of which one is enough."""

    document_id: str
    state: State
    label: str
    missing: tuple[DocumentKind, ...]


class Document(msgspec.Struct, frozen=True):
    """One document of an application."""

    document_id: str
    kind: DocumentKind
    size_bytes: int = msgspec.field(name="bytes")
    stored_at: str


class Documents(msgspec.Struct, frozen=True):
    """What an application has, and what it lacks."""

    documents: list[Document]
    missing: tuple[DocumentKind, ...]


@ROUTES.post("/v1/applications/<application_id>/documents")
@operation(
    Operation(
        "Send a document, in place of one of its kind",
        {201: Taken},
        (ErrorCode.UNSUPPORTED_TYPE, ErrorCode.NOT_A_JPEG, ErrorCode.WRONG_STATE),
        door=Door.SESSION,
        body=bytes,
        body_type="image/jpeg",
        query=(Query("kind", {"enum": list(DocumentKind)}, required=True),),
    )
)
def upload(application_id: str) -> Response:
    parts().applications.find(application_id, caller())
    kind = request.args.get("kind", "")
    if kind not in frozenset(DocumentKind):
        raise Refusal(ErrorCode.INVALID, f"`kind` is one of {', '.join(DocumentKind)}.")
    if request.mimetype != "image/jpeg":
        raise Refusal(ErrorCode.UNSUPPORTED_TYPE)
    parts().documents.require_due(application_id)
    content = raw_body(parts().entrances.documents, parts().document_bytes)
    with parts().entrances.decoders.place():
        if not is_jpeg(content):
            raise Refusal(ErrorCode.NOT_A_JPEG)
    receipt = parts().documents.store(application_id, DocumentKind(kind), content, trace_id())
    return answer(Taken(receipt.document_id, receipt.state, LABELS[receipt.state], receipt.missing), 201)


@ROUTES.get("/v1/applications/<application_id>/documents")
@operation(Operation("List the documents of an application", {200: Documents}, door=Door.SESSION))
def list_documents(application_id: str) -> Response:
    application = parts().applications.find(application_id, caller())
    stored, missing = parts().documents.of(application)
    zone = application.office.zone
    shown = [
        Document(
            document_id=document.document_id,
            kind=document.kind,
            size_bytes=document.size_bytes,
            stored_at=zone.show(document.stored_ns),
        )
        for document in stored
    ]
    return answer(Documents(shown, missing))
