"""A small HTTP server behind a proxy, which remembers what it was asked, and a client that keeps its connection."""

import http.client
import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class WebServer:
    """Answers `{"path": …}`: of `/chunked/…` in chunks, of any other path with its length."""

    asked: list[str] = field(default_factory=list)

    def start(self) -> str:
        """Serve; the address."""
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", "0")))
                asked.append(f"{self.command} {self.path}")
                body = json.dumps({"path": self.path}).encode()
                self.send_response(200)
                if self.path.startswith("/chunked"):
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    for part in (body[:3], body[3:]):
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    self.wfile.write(b"0\r\n\r\n")
                    return
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_POST = do_HEAD = answer  # noqa: N815 - the names are the library's

            def log_message(self, *_arguments: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return f"127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Client:
    """Asks over one connection; an answer is its status and body."""

    def __init__(self, address: tuple[str, int], timeout_s: float = 20.0) -> None:
        self._connection = http.client.HTTPConnection(*address, timeout=timeout_s)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        self.send(method, path, body, **headers)
        return self.receive()

    def send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, named)

    def receive(self) -> tuple[int, bytes]:
        answer = self._connection.getresponse()
        self.headers = answer.headers
        return answer.status, answer.read()

    @property
    def socket(self):
        return self._connection.sock

    def close(self) -> None:
        self._connection.close()
