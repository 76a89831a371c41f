"""HTTP/1.1 as it passes by: heads, bodies and ends of messages, without a byte changed."""
