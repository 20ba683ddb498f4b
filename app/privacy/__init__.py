"""What people ask about their data: the whole record, leaving, and the clock after which nobody is kept."""
