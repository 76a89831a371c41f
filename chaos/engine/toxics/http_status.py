"""`http_status`: the request never reaches the server; the client is answered with this status."""

from dataclasses import dataclass
from http import HTTPStatus

from chaos.engine.errors import InvalidAttribute
from chaos.engine.toxics.exchange import ExchangeStage
from chaos.engine.toxics.matching import HttpSettings
from chaos.engine.traffic.head import Head

BODY = b"answered by a fault\n"


@dataclass(frozen=True)
class HttpStatusSettings(HttpSettings):
    """`retry_after` in seconds goes along where it is above 0."""

    status: int = 503
    retry_after: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 200 <= self.status <= 599:
            raise InvalidAttribute("status must be from 200 to 599")


class HttpStatusStage(ExchangeStage[HttpStatusSettings]):
    """Answers in the server's place, once the request has come whole."""

    def reply(self, request: Head) -> bytes:
        status, retry_after = self.settings.status, self.settings.retry_after
        try:
            phrase = HTTPStatus(status).phrase
        except ValueError:
            phrase = "Injected"
        body = b"" if status in (204, 304) else BODY
        lines = [f"HTTP/1.1 {status} {phrase}", "Content-Type: text/plain", f"Content-Length: {len(body)}"]
        if retry_after:
            lines.append(f"Retry-After: {retry_after}")
        head = "\r\n".join([*lines, "", ""]).encode()
        return head if request.method == "HEAD" else head + body
