"""Reading for risk: what was booked, the cases, the limits."""
