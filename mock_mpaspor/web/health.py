"""What anyone may ask: whether the service is there, and its metrics."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer

ROUTES = Blueprint("health", __name__)


@ROUTES.get("/healthz")
def healthz() -> Response:
    return answer({"name": "mpaspor", "instance": parts().instance})


@ROUTES.get("/metrics")
def metrics() -> Response:
    return Response(generate_latest(parts().metrics.registry), content_type=CONTENT_TYPE_LATEST)
