"""Rate, errors and duration of every route, by the route's pattern: labels stay few and carry nobody's data."""

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

# Buckets stand where people feel a difference, and at the caps of Dukcapil's latency and of the time-outs.
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.8, 1.5, 3.0, 5.0, 10.0)


def install(app: Flask, system: str, registry: CollectorRegistry) -> None:
    """Measure each request and serve the registry at /metrics."""
    requests = Counter(
        "outside_requests",
        "Requests answered.",
        ["system", "method", "route", "status"],
        registry=registry,
    )
    seconds = Histogram(
        "outside_request_seconds",
        "Time from request to answer.",
        ["system", "method", "route"],
        buckets=BUCKETS_S,
        registry=registry,
    )

    @app.before_request
    def begin() -> None:
        g.began_s = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unmatched"
        method = request.method if request.url_rule else "any"
        requests.labels(system, method, route, str(response.status_code)).inc()
        seconds.labels(system, method, route).observe(time.perf_counter() - g.began_s)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4; charset=utf-8")
