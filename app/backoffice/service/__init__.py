"""What a shop's people do in the back office, over several domains at once. Each function is one transaction."""
