"""The service's OpenAPI document as Schemathesis reads it, before any service runs."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterable
from io import BytesIO

import schemathesis
from flask import Flask
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from mock_mpaspor.app import BLUEPRINTS
from mock_mpaspor.web.openapi.document import document
from tests.service.cast import NS, HandClock

SEED = 20230130
# For each route, besides the cases at the edges of its schemas.
EXAMPLES = 10
CALLBACK = "/v1/callbacks/simponi"

WsgiApp = Callable[[dict[str, object], Callable[..., object]], Iterable[bytes]]


class Stage:
    """A WSGI app chosen later: cases are made from the document, and then put to a service.

    It signs what is said to be SIMPONI's: an unsigned callback would get no further than the door.
    """

    def __init__(self) -> None:
        self.app: WsgiApp | None = None
        self.clock = HandClock()
        # What was answered, but for the question which methods there are.
        self.statuses: Counter[int] = Counter()

    def __call__(self, environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
        assert self.app is not None, "no service is on the stage"
        if environ["PATH_INFO"] == CALLBACK:
            self._sign(environ)

        def start(status: str, *rest: object) -> object:
            if environ["REQUEST_METHOD"] != "OPTIONS":
                self.statuses[int(status.split()[0])] += 1
            return start_response(status, *rest)

        return self.app(environ, start)

    def _sign(self, environ: dict[str, object]) -> None:
        said = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        timestamp = str(self.clock.unix_ns() // NS)
        signature = hmac.new(b"a secret with SIMPONI", timestamp.encode() + b"." + said, hashlib.sha256).hexdigest()
        environ["wsgi.input"] = BytesIO(said)
        environ |= {"HTTP_X_SIMPONI_TIMESTAMP": timestamp, "HTTP_X_SIMPONI_SIGNATURE": signature}


def _described() -> dict[str, object]:
    app = Flask("routes", static_folder=None)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return dict(json.loads(json.dumps(document(app), default=list)))


def _config() -> SchemathesisConfig:
    generation = GenerationConfig(
        modes=list(schemathesis.GenerationMode),
        max_examples=EXAMPLES,
        deterministic=True,
        database="none",
        with_security_parameters=False,
    )
    return SchemathesisConfig(seed=SEED, projects=ProjectsConfig(default=ProjectConfig(generation=generation)))


STAGE = Stage()
SCHEMA = schemathesis.openapi.from_dict(_described(), config=_config())
SCHEMA.app = STAGE
