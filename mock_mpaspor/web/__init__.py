"""The service over HTTP: one blueprint a resource; a view reads, calls one use case and answers."""
