"""What a shop prints: a poster for its counter, in its colour, with its own drawing."""
