"""The back office's forms: which fields are taken, and what they must be. What no form names is never taken."""
