"""From a request to its handler, and from whatever comes of it to a response."""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from chaos.engine.api.routes import ROUTES
from chaos.engine.engine import Engine
from chaos.engine.errors import Refusal
from chaos.engine.http.messages import Request, Response

REQUEST_ID = "X-Toxiproxy-Request-Id"
_PATTERNS = {tuple(pattern.strip("/").split("/")): pattern for pattern in ROUTES}


class Router:
    """Answers every request; nothing that a handler raises gets past it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __call__(self, request: Request) -> Response:
        found = match(request.target)
        if found is None:
            return self._counted("none", Response.text(404, "404 page not found"))
        pattern, segments = found
        handler = ROUTES[pattern].get(request.method)
        if handler is None:
            return self._counted(pattern, Response(405))
        # A browser must not be talked into sending requests here by some page.
        if request.headers.get("user-agent", "").startswith("Mozilla/"):
            response = Response.text(403, "User agent not allowed")
        else:
            try:
                response = await handler(self._engine, request.body, **segments)
            except Refusal as refusal:
                response = render(refusal.status, str(refusal))
            except Exception:
                logging.getLogger(__name__).exception("%s %s", request.method, pattern)
                response = render(500, "internal error, see the engine's log")
        return self._counted(pattern, with_id(response))

    def _counted(self, pattern: str, response: Response) -> Response:
        self._engine.control_requests[pattern, response.status] += 1
        return response


def match(target: str) -> tuple[str, Mapping[str, str]] | None:
    """The pattern that the target's path matches, and its segments by name."""
    # Split before it is unquoted: a name may hold a slash, and must be taken away again.
    given = [unquote(part, errors="replace") for part in path_of(target).removeprefix("/").split("/")]
    for wanted, pattern in _PATTERNS.items():
        if len(wanted) != len(given):
            continue
        pairs = list(zip(wanted, given, strict=True))
        if all(have if want.startswith("{") else want == have for want, have in pairs):
            return pattern, {want.strip("{}"): have for want, have in pairs if want.startswith("{")}
    return None


def path_of(target: str) -> str:
    """The path of a request target, which is one already or a whole URL. Any text has one."""
    if not target.startswith("/"):
        _, _, rest = target.partition("://")
        target = "/" + rest.partition("/")[2]
    return target.partition("?")[0]


def render(status: int, message: str) -> Response:
    """An error as Toxiproxy words it: JSON, sent as plain text."""
    error = {"error": message, "status": status}
    return Response.text(status, json.dumps(error, separators=(",", ":"), ensure_ascii=False))


def with_id(response: Response) -> Response:
    return replace(response, headers={**response.headers, REQUEST_ID: secrets.token_hex(10)})
