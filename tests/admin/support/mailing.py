"""Mails as people, machines and attackers send them."""

from __future__ import annotations

from email.message import EmailMessage


def letter(
    text: str = "My points are gone, what is this?",
    *,
    sender: str = "anna@example.com",
    subject: str = "Points",
    message_id: str | None = "<1@mail.example>",
    **headers: str,
) -> bytes:
    """A simple mail; ``headers`` with underscores for dashes."""
    made = EmailMessage()
    made["From"] = sender
    made["To"] = "help@card.example"
    made["Subject"] = subject
    if message_id is not None:
        made["Message-ID"] = message_id
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return bytes(made)
