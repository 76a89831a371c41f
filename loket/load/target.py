"""Whom a load may be sent to: this host, unless the plan says that its author may load another."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from loket.load.plan import LoadPlan


class ForbiddenTarget(Exception):
    """The plan aims at a host that it has no permission for; the message is one sentence for its author."""


def check_targets(plan: LoadPlan) -> None:
    """Raises ForbiddenTarget for a URL of the plan that is not http to a loopback address, unless it is allowed."""
    simkim = (plan.simkim_url,) if plan.simkim_url else ()
    for url in (plan.service_url, plan.bank_url, plan.direct_url, *simkim, *plan.edges.values()):
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.path.strip("/"):
            raise ForbiddenTarget(f"{url!r} is not an http:// address without a path.")
        if not plan.i_am_allowed_to_load_it and not is_loopback(url):
            raise ForbiddenTarget(f"{url} is not on this host; a load on it needs i_am_allowed_to_load_it in the plan.")


def is_loopback(url: str) -> bool:
    """Whether the URL's host can only be this host; a name other than `localhost` may resolve to anything.

    >>> is_loopback("http://127.0.0.1:8000"), is_loopback("http://localhost"), is_loopback("http://10.0.0.1")
    (True, True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
