"""From request bodies to requests. The order of the checks is Toxiproxy's, so that the same fault is named first."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from chaos.engine.api.json_body import Fields, decode
from chaos.engine.errors import BadBody, InvalidAttribute, InvalidStream, InvalidToxicType, MissingField
from chaos.engine.leases import Claim
from chaos.engine.requests import NewProxy, NewToxic, ProxyChange, ToxicChange
from chaos.engine.toxic import Direction
from chaos.engine.toxics.registry import KINDS
from chaos.engine.toxics.settings import Settings

LONGEST_NAME = 1_000


def new_proxy(body: bytes) -> NewProxy:
    return _proxy(Fields(decode(body), "proxy"), "")


def new_proxies(body: bytes) -> Sequence[NewProxy]:
    """A list of proxies; a message says at which one (from 1) a field is missing."""
    value = decode(body)
    if value is not None and not isinstance(value, list):
        raise BadBody("expected a list of proxies")
    entries = [Fields(entry, "proxy") for entry in value or []]
    return [_proxy(entry, f" at proxy {place}") for place, entry in enumerate(entries, start=1)]


def proxy_change(body: bytes) -> ProxyChange:
    given = Fields(decode(body), "proxy")
    return ProxyChange(given.text("listen"), given.text("upstream"), given.flag("enabled"), _claim(given))


class ToxicBody:
    """A toxic's body, checked in two steps: the engine asks between them whether the name is free."""

    def __init__(self, body: bytes) -> None:
        """Raises BadBody, InvalidStream or InvalidToxicType."""
        self._given = Fields(decode(body), "toxic")
        self._type = self._given.text("type") or ""
        self._name = self._given.text("name") or ""
        self._toxicity = self._given.number("toxicity")
        stream = self._given.text("stream")
        self._stream = Direction.DOWNSTREAM.value if stream is None else stream
        if self._stream.lower() not in set(Direction):
            raise InvalidStream
        if self._type not in KINDS:
            raise InvalidToxicType
        _require_addressable(self._name)

    @property
    def name(self) -> str:
        return self._name or f"{self._type}_{self._stream}"

    def read(self) -> NewToxic:
        """Raises BadBody or InvalidAttribute for its attributes or its lease."""
        kind = KINDS[self._type].settings
        about = "answers" if KINDS[self._type].by_request else "new connections" if KINDS[self._type].at_door else ""
        if about and Direction(self._stream.lower()) is not Direction.DOWNSTREAM:
            raise InvalidAttribute(f"stream must be downstream: {self._type} is about {about}")
        settings = kind(**_attributes(self._given, kind))
        toxicity = 1.0 if self._toxicity is None else self._toxicity
        return NewToxic(self.name, self._type, self._stream, toxicity, settings, _claim(self._given))


def toxic_change(body: bytes, kind: type[Settings]) -> ToxicChange:
    """A change for a toxic whose settings are of `kind`."""
    given = Fields(decode(body), "toxic")
    return ToxicChange(_attributes(given, kind), given.number("toxicity"), _claim(given))


def renewal(body: bytes, holder: str) -> Claim:
    return _lease(holder, Fields(decode(body), "lease"))


def _proxy(given: Fields, place: str) -> NewProxy:
    name, upstream, enabled = given.text("name"), given.text("upstream"), given.flag("enabled")
    listen = given.text("listen") or ""
    if not name:
        raise MissingField(f"name{place}")
    if not upstream:
        raise MissingField(f"upstream{place}")
    _require_addressable(name)
    return NewProxy(name, listen, upstream, enabled is not False)


def _require_addressable(name: str) -> None:
    """What has a name that fits into no path could be made and never taken away again."""
    if len(name) > LONGEST_NAME:
        raise BadBody(f"a name must have at most {LONGEST_NAME:,} characters")


def _attributes(given: Fields, kind: type[Settings]) -> dict[str, Any]:
    attributes = given.fields("attributes")
    values = {
        field.name: attributes.text(field.name) if field.type is str else attributes.integer(field.name)
        for field in fields(kind)
    }
    return {name: value for name, value in values.items() if value is not None}


def _claim(given: Fields) -> Claim | None:
    if not given.has("lease"):
        return None
    lease = given.fields("lease")
    return _lease(lease.text("holder"), lease)


def _lease(holder: str | None, given: Fields) -> Claim:
    ttl_ms = given.integer("ttl_ms")
    if not holder:
        raise BadBody("lease.holder must not be empty")
    if ttl_ms is None or ttl_ms < 1:
        raise BadBody("lease.ttl_ms must be 1 or more")
    return Claim(holder, ttl_ms / 1000)
