"""What the service is measured against: floors that do the least that must be done, in the same run."""
