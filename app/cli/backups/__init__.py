"""Backups: one file that holds the whole database as it was at one moment, and can prove it."""
