"""The register of processing (Art. 30 GDPR): a data file in four languages, and what reads it."""

from app.admin.register.reading import Activity, Register, read_register

__all__ = ["Activity", "Register", "read_register"]
