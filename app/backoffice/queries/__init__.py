"""What the back office reads, over several domains at once."""
