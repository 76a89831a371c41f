"""The control API: Toxiproxy's routes and bodies, and the leases and metrics that it lacks."""
