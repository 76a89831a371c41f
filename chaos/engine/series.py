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


def bytes_of(proxy: Proxy, direction: Direction) -> list[tuple[str, dict[str, str], int]]:
    """Name, labels and value of what the proxy received and sent of one direction."""
    labels = {"direction": direction.value, "listener": proxy.listen, "proxy": proxy.name, "upstream": proxy.upstream}
    return [
        ("toxiproxy_proxy_received_bytes_total", labels, proxy.carried_bytes(direction)),
        ("toxiproxy_proxy_sent_bytes_total", labels, proxy.sent_bytes(direction)),
    ]


def runtime() -> str:
    """The process in Prometheus text: memory, descriptors, processor time, Python in place of Go."""
    return generate_latest(_RUNTIME).decode()
