"""One function a route and method: reads the request, asks the engine, writes the response.

Each takes the engine, the body and the path's segments by name. Refusals are rendered in one place, by the router.
"""

import json

from chaos.engine import TOXIPROXY_VERSION
from chaos.engine.api import bodies
from chaos.engine.engine import Engine
from chaos.engine.errors import Refusal, ToxicExists
from chaos.engine.http.messages import JSON, Response
from chaos.engine.live import live_connections
from chaos.engine.metrics import exposition
from chaos.engine.proxy import Proxy
from chaos.engine.toxics.registry import KINDS


def as_json(status: int, value: object) -> Response:
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return Response(status, body, {"Content-Type": JSON})


async def list_proxies(engine: Engine, body: bytes) -> Response:
    return as_json(200, {name: engine.proxies[name].as_json() for name in sorted(engine.proxies)})


async def create_proxy(engine: Engine, body: bytes) -> Response:
    return as_json(201, (await engine.create(bodies.new_proxy(body))).as_json())


async def populate(engine: Engine, body: bytes) -> Response:
    """A refusal is told together with the proxies made before it."""
    made: list[Proxy] = []
    failure: dict[str, object] = {}
    status = 201
    try:
        await engine.populate(bodies.new_proxies(body), made)
    except Refusal as refusal:
        status = refusal.status
        failure = {"error": str(refusal), "status": status}
    return as_json(status, failure | {"proxies": [proxy.as_json() for proxy in made] or None})


async def show_proxy(engine: Engine, body: bytes, proxy: str) -> Response:
    return as_json(200, engine.proxy(proxy).as_json())


async def update_proxy(engine: Engine, body: bytes, proxy: str) -> Response:
    engine.proxy(proxy)
    return as_json(200, (await engine.update(proxy, bodies.proxy_change(body))).as_json())


async def delete_proxy(engine: Engine, body: bytes, proxy: str) -> Response:
    await engine.delete(proxy)
    return Response(204)


async def list_connections(engine: Engine, body: bytes, proxy: str) -> Response:
    return as_json(200, live_connections(engine.proxy(proxy)))


async def list_toxics(engine: Engine, body: bytes, proxy: str) -> Response:
    return as_json(200, engine.proxy(proxy).as_json()["toxics"])


async def create_toxic(engine: Engine, body: bytes, proxy: str) -> Response:
    toxics = engine.proxy(proxy).toxics
    wanted = bodies.ToxicBody(body)
    if wanted.name in toxics:
        raise ToxicExists
    return as_json(200, engine.add_toxic(proxy, wanted.read()).as_json())


async def show_toxic(engine: Engine, body: bytes, proxy: str, toxic: str) -> Response:
    return as_json(200, engine.toxic(proxy, toxic).as_json())


async def update_toxic(engine: Engine, body: bytes, proxy: str, toxic: str) -> Response:
    kind = KINDS[engine.toxic(proxy, toxic).type].settings
    return as_json(200, engine.update_toxic(proxy, toxic, bodies.toxic_change(body, kind)).as_json())


async def delete_toxic(engine: Engine, body: bytes, proxy: str, toxic: str) -> Response:
    engine.remove_toxic(proxy, toxic)
    return Response(204)


async def reset(engine: Engine, body: bytes) -> Response:
    await engine.reset()
    return Response(204)


async def version(engine: Engine, body: bytes) -> Response:
    headers = {"Content-Type": "application/json;charset=utf-8"}
    return Response(200, f'{{"version": "{TOXIPROXY_VERSION}"}}\n'.encode(), headers)


async def metrics(engine: Engine, body: bytes) -> Response:
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    return Response(200, exposition(engine).encode(), headers)


async def list_leases(engine: Engine, body: bytes) -> Response:
    now = engine.clock.now()
    return as_json(200, {lease.holder: lease.as_json(now) for lease in engine.leases.all()})


async def renew_lease(engine: Engine, body: bytes, holder: str) -> Response:
    lease = engine.leases.renew(bodies.renewal(body, holder))
    return as_json(200, lease.as_json(engine.clock.now()))


async def end_lease(engine: Engine, body: bytes, holder: str) -> Response:
    await engine.end_lease(holder)
    return Response(204)
