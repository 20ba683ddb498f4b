"""The operator's screens and use cases."""
