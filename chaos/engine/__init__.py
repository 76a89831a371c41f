"""The fault engine: a Toxiproxy-compatible TCP proxy that tells what it did to which connection."""
