"""The network: a Toxiproxy-compatible fault engine, its control, and the catalogue of incidents."""
