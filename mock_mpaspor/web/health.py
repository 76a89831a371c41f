"""What anyone may ask: whether the service is there, and its metrics."""

import msgspec
from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from mock_mpaspor.web.operations import Operation, operation
from mock_mpaspor.web.parts import parts
from mock_mpaspor.web.requests import answer

ROUTES = Blueprint("health", __name__)


class Health(msgspec.Struct, frozen=True):
    """Who answers; `instance` tells a server that was left over from this one."""

    name: str
    instance: str


@ROUTES.get("/healthz")
@operation(Operation("Whether the service is there", {200: Health}))
def healthz() -> Response:
    return answer(Health("mpaspor", parts().instance))


@ROUTES.get("/metrics")
@operation(Operation("Prometheus metrics", {200: "text/plain"}))
def metrics() -> Response:
    return Response(generate_latest(parts().metrics.registry), content_type=CONTENT_TYPE_LATEST)
