"""A connection on transports that only remember what was asked of them."""

from unittest.mock import Mock

from chaos.engine.connection import Connection


def test_a_connection_that_only_drains_is_open_to_no_more_toxics(clock):
    """Its bytes are with the kernel: a toxic that came now could not touch it, and must not say that it did."""
    connection = Connection(1, Mock(), clock)
    for side in (connection.client, connection.upstream):
        side.connection_made(Mock(is_closing=Mock(return_value=False)))
    assert connection.open
    connection.upstream.eof_received()
    assert connection.open
    connection.client.eof_received()
    assert not connection.open
