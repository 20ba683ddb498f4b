"""Forms of signing up and of the shop's own pages."""
