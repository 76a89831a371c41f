"""Where a target is: its URL, and the address that the fault engine is told."""

import pytest

from loket.stack.target import address_of, upstream_of


@pytest.mark.parametrize(
    ("url", "upstream"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://localhost", "localhost:80"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://[::1]", "[::1]:80"),
    ],
)
def test_the_engine_is_told_where_the_target_is(url: str, upstream: str) -> None:
    """The port is 80 where none is named; an IPv6 address keeps its brackets."""
    assert upstream_of(*address_of(url)) == upstream
