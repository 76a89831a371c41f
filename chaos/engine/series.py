"""The series that `toxiproxy-server` has in its own `/metrics`, for whoever's dashboards were made for them."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest

from chaos.engine.proxy import Proxy
from chaos.engine.toxic import Direction

_RUNTIME = CollectorRegistry()
ProcessCollector(registry=_RUNTIME)
PlatformCollector(registry=_RUNTIME)
GCCollector(registry=_RUNTIME)


@dataclass(frozen=True)
class Series:
    """Which of them are wanted, by the flags of the server: those of the proxies, those of the process."""

    proxies: bool = False
    runtime: bool = False


def labels_of(proxy: Proxy, direction: Direction) -> dict[str, str]:
    """The labels under which Toxiproxy counts the bytes of one direction."""
    return {"direction": direction.value, "listener": proxy.listen, "proxy": proxy.name, "upstream": proxy.upstream}


def runtime() -> str:
    """The process in Prometheus text: memory, descriptors, processor time, Python in place of Go."""
    return generate_latest(_RUNTIME).decode()
