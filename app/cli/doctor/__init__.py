"""``zegel doctor``: one line for each thing that can be wrong with an installation, and what to do about it."""

from app.cli.doctor.examining import examine

__all__ = ["examine"]
