"""The parts of a run as processes: how each starts, proves itself ready, and stops whatever happens."""
