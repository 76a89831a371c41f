"""The engine's metrics in Prometheus text format, gathered when asked for: nothing is counted twice on the way."""

from collections import Counter
from collections.abc import Iterable, Mapping

from chaos.engine.engine import Engine
from chaos.engine.series import labels_of, runtime
from chaos.engine.toxic import Direction

Labels = Mapping[str, str | int]
Sample = tuple[Labels, int]


def exposition(engine: Engine) -> str:
    """All metrics of the engine, one family after another."""
    proxies = engine.proxies.values()
    families = (
        _family("connections_total", "counter", "Connections accepted.", _connections(engine)),
        _family(
            "connections_open",
            "gauge",
            "Connections alive.",
            [({"proxy": p.name}, sum(1 for _ in p.connections())) for p in proxies],
        ),
        _family(
            "connections_refused_total",
            "counter",
            "Connections closed at once for want of descriptors.",
            [({"proxy": p.name}, p.traffic.refused) for p in proxies],
        ),
        _family(
            "dials_failed_total",
            "counter",
            "Upstream dials that failed.",
            [({"proxy": p.name}, p.traffic.dials_failed) for p in proxies],
        ),
        _family(
            "resets_total",
            "counter",
            "Connections reset, by a toxic or passed on.",
            [({"proxy": p.name}, p.traffic.resets) for p in proxies],
        ),
        _family("bytes_total", "counter", "Bytes received, by the direction they run.", _bytes(engine)),
        _family("toxics_active", "gauge", "Toxics on a proxy.", _toxics(engine)),
        _family(
            "decisions_total",
            "counter",
            "Whether a toxic took hold of a connection.",
            [
                ({"proxy": p.name, "type": type_, "outcome": "applies" if applies else "spared"}, number)
                for p in proxies
                for (type_, applies), number in p.traffic.decisions.items()
            ],
        ),
        _family("leases_expired_total", "counter", "Leases that ran out.", [({}, engine.leases_expired)]),
        _family(
            "control_requests_total",
            "counter",
            "Control requests answered.",
            [({"route": r, "status": status}, n) for (r, status), n in engine.control_requests.items()],
        ),
        _family("log_lines_lost_total", "counter", "Decision log lines lost.", [({}, engine.log.lost)]),
    )
    return "".join([*families, *_of_toxiproxy(engine), runtime() if engine.series.runtime else ""])


def _of_toxiproxy(engine: Engine) -> list[str]:
    if not engine.series.proxies:
        return []
    lanes = [(proxy, way, labels_of(proxy, way)) for proxy in engine.proxies.values() for way in Direction]
    received = [(labels, proxy.carried_bytes(way)) for proxy, way, labels in lanes]
    sent = [(labels, proxy.sent_bytes(way)) for proxy, way, labels in lanes]
    return [
        _text("toxiproxy_proxy_received_bytes_total", "counter", "Bytes received.", received),
        _text("toxiproxy_proxy_sent_bytes_total", "counter", "Bytes sent.", sent),
    ]


def _connections(engine: Engine) -> list[Sample]:
    return [({"proxy": proxy.name}, proxy.traffic.opened) for proxy in engine.proxies.values()]


def _bytes(engine: Engine) -> list[Sample]:
    return [
        ({"proxy": proxy.name, "direction": direction}, proxy.carried_bytes(direction))
        for proxy in engine.proxies.values()
        for direction in Direction
    ]


def _toxics(engine: Engine) -> list[Sample]:
    active = Counter((proxy.name, toxic.type) for proxy in engine.proxies.values() for toxic in proxy.toxics.values())
    return [({"proxy": proxy, "type": type_}, number) for (proxy, type_), number in active.items()]


def _family(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> str:
    return _text(f"loket_engine_{name}", kind, meaning, samples)


def _text(name: str, kind: str, meaning: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    pairs = ",".join(f'{key}="{_escape(str(value))}"' for key, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
