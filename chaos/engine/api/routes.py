"""The whole route table of the control API. A `{name}` in a pattern stands for one segment of the path."""

from collections.abc import Awaitable, Callable

from chaos.engine.api import handlers
from chaos.engine.http.messages import Response

Handler = Callable[..., Awaitable[Response]]

ROUTES: dict[str, dict[str, Handler]] = {
    "/proxies": {"GET": handlers.list_proxies, "POST": handlers.create_proxy},
    "/proxies/{proxy}": {
        "GET": handlers.show_proxy,
        "POST": handlers.update_proxy,
        "PATCH": handlers.update_proxy,
        "DELETE": handlers.delete_proxy,
    },
    "/proxies/{proxy}/toxics": {"GET": handlers.list_toxics, "POST": handlers.create_toxic},
    "/proxies/{proxy}/toxics/{toxic}": {
        "GET": handlers.show_toxic,
        "POST": handlers.update_toxic,
        "PATCH": handlers.update_toxic,
        "DELETE": handlers.delete_toxic,
    },
    "/populate": {"POST": handlers.populate},
    "/reset": {"POST": handlers.reset},
    "/version": {"GET": handlers.version},
    # Not of Toxiproxy:
    "/leases": {"GET": handlers.list_leases},
    "/leases/{holder}": {"PUT": handlers.renew_lease, "DELETE": handlers.end_lease},
    "/proxies/{proxy}/connections": {"GET": handlers.list_connections},
    "/metrics": {"GET": handlers.metrics},
}
