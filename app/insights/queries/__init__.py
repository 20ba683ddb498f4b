"""Reading what was computed of customers."""
