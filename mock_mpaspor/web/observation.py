"""Rate, errors and duration of every route, and the gauges that are read from the database at each scrape."""

import time
from collections.abc import Iterator, Mapping

from flask import Flask, Response, g, request

from mock_mpaspor.metrics import Metrics, Standing
from mock_mpaspor.store.figures import Figures

# Asked by machines all the time: counted, they would drown what people do.
PROBES = frozenset({"/healthz", "/metrics"})


def install(app: Flask, metrics: Metrics) -> None:
    """Measure each request under its route's pattern, so that labels stay few."""

    def begin() -> None:
        g.began_s = time.perf_counter()

    def end(response: Response) -> Response:
        if request.path in PROBES:
            return response
        route = request.url_rule.rule if request.url_rule else "unknown"
        method = request.method if request.url_rule else "any"
        metrics.requests.labels(route, method, str(response.status_code)).inc()
        metrics.request_seconds.labels(route).observe(time.perf_counter() - g.began_s)
        return response

    app.before_request(begin)
    app.after_request(end)


def standing(figures: Figures) -> Standing:
    """The gauges of quota and outbox."""

    def families() -> Iterator[tuple[str, str, str, Mapping[str, float]]]:
        quotas = figures.quotas()
        backlogs = figures.backlogs()
        yield from (
            ("mpaspor_quota_capacity", "Places released.", "office", {q.office: q.capacity for q in quotas}),
            ("mpaspor_quota_free", "Places free.", "office", {q.office: q.free for q in quotas}),
            ("mpaspor_quota_held", "Places held and unpaid.", "office", {q.office: q.held for q in quotas}),
            ("mpaspor_quota_paid", "Places paid for.", "office", {q.office: q.paid for q in quotas}),
            ("mpaspor_outbox_depth", "Messages waiting.", "topic", {b.topic: b.depth for b in backlogs}),
            (
                "mpaspor_outbox_oldest_seconds",
                "Age of the oldest message waiting.",
                "topic",
                {b.topic: b.oldest_s for b in backlogs},
            ),
        )

    return Standing(families)
