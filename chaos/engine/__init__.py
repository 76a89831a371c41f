"""The fault engine: a Toxiproxy-compatible TCP proxy that tells what it did to which connection."""

# The release of Toxiproxy whose API the engine speaks, and which it names when asked for its version.
TOXIPROXY_VERSION = "2.12.0"
