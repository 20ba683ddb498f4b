"""Support's use cases: what comes in, and what goes out."""

from app.support.service.answering import (
    add_note,
    assign_question,
    close_question,
    reopen_question,
    send_answer,
)
from app.support.service.asking import PROMISED, Received, ask_from_office, receive_mail
from app.support.service.templates import save_template

__all__ = [
    "PROMISED",
    "Received",
    "add_note",
    "ask_from_office",
    "assign_question",
    "close_question",
    "receive_mail",
    "reopen_question",
    "save_template",
    "send_answer",
]
