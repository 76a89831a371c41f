"""A request's body for the attempts that carry much: more than a socket takes at once, in pieces of unequal length."""

LONG_BODY = (b"first", b"0123456789" * 700_000, b"", b"last" * 500_000)
