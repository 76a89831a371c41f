"""Dukcapil, the civil registry: confirms an identity, slowly, and now and then not at all."""
