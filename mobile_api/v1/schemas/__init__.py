"""Shapes of what version 1 takes and answers."""
