"""Refreshing what members are worth, at the size of a whole country of shops."""
