"""A small HTTP/1.1 server: enough for a control API, with a bound on everything a peer can send."""
