"""What operators do, as use cases."""
