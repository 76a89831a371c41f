"""`GET /openapi.json`: the document, built when it is first asked for."""

import msgspec
from flask import Blueprint, Response, current_app

from mock_mpaspor.web.openapi.document import JSON, document
from mock_mpaspor.web.operations import Operation, operation

ROUTES = Blueprint("openapi", __name__)

_KEPT = "mpaspor.openapi"


@ROUTES.get("/openapi.json")
@operation(Operation("This document", {200: JSON}))
def show_document() -> Response:
    # Two threads may both build it: they build the same.
    kept = current_app.extensions.get(_KEPT)
    if kept is None:
        kept = current_app.extensions[_KEPT] = msgspec.json.encode(document(current_app))
    return Response(kept, content_type=JSON)
