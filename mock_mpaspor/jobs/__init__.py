"""What goes on without anybody asking: the relay to SIMPONI, expiry, reconciliation. A process of its own."""
