"""The jobs' own small HTTP front: /healthz and /metrics."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest


class Front(ThreadingHTTPServer):
    """Listens once made; port 0 takes a free one, `server_port` says which."""

    # The address of a stale process must be refused, not shared.
    allow_reuse_port = False

    def __init__(self, host: str, port: int, instance: str, registry: CollectorRegistry) -> None:
        super().__init__((host, port), _Handler)
        self.health = msgspec.json.encode({"name": "mpaspor-jobs", "instance": instance})
        self.registry = registry


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Front

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, "application/json", self.server.health)
        elif self.path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest(self.server.registry))
        else:
            self._answer(404, "text/plain", b"not found\n")

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Requests for health and metrics are not worth a line."""
