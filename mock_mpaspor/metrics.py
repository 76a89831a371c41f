"""The service's Prometheus metrics. Labels come from closed sets; keys, codes and people never become labels.

Buckets stand on the thresholds that experiments set on routes (milliseconds) and on codes (seconds).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_ROUTE_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 2.5, 5.0, 10.0)
_CODE_BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0)


class Metrics:
    """The instruments of one process, on a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mpaspor_requests",
            "Requests answered, by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "mpaspor_request_seconds",
            "Time from the request to its answer.",
            ("route",),
            buckets=_ROUTE_BUCKETS_S,
            registry=self.registry,
        )
        self.calls = Counter(
            "mpaspor_outbound_calls",
            "Calls to the systems around the service, by hop and outcome.",
            ("hop", "outcome"),
            registry=self.registry,
        )
        self.call_seconds = Histogram(
            "mpaspor_outbound_seconds",
            "Time of a call to a system around the service.",
            ("hop",),
            buckets=_ROUTE_BUCKETS_S,
            registry=self.registry,
        )
        self.queue_seconds = Gauge(
            "mpaspor_queue_seconds",
            "How long a request waits for a thread now.",
            registry=self.registry,
        )
        self.codes = Counter(
            "mpaspor_billing_codes",
            "Billing codes, by how far they got: requested, issued, shown, failed.",
            ("stage",),
            registry=self.registry,
        )
        self.code_seconds = Histogram(
            "mpaspor_billing_code_seconds",
            "Time from the request for a billing code to its issue.",
            buckets=_CODE_BUCKETS_S,
            registry=self.registry,
        )


class Standing(Collector):
    """Gauges read from the database at each scrape: `families` yields (name, help, label, value by label)."""

    def __init__(self, families: Callable[[], Iterable[tuple[str, str, str, Mapping[str, float]]]]) -> None:
        self._families = families

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: registering must not read the database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        for name, text, label, values in self._families():
            gauge = GaugeMetricFamily(name, text, labels=(label,))
            for value_of, value in values.items():
                gauge.add_metric((value_of,), value)
            yield gauge
