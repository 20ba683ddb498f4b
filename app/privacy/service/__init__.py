"""The privacy desk's use cases, and what the retention clock does by night."""

from app.privacy.service.handing_out import fetch_record, note_own_export, peek_at_link, send_record
from app.privacy.service.leaving import erase_for, note_own_erasure
from app.privacy.service.requests import extend_request, finish_request, identify, receive_request, wait_for_answer
from app.privacy.service.retaining import change_retention, keep_retention

__all__ = [
    "change_retention",
    "erase_for",
    "extend_request",
    "fetch_record",
    "finish_request",
    "identify",
    "keep_retention",
    "note_own_erasure",
    "note_own_export",
    "peek_at_link",
    "receive_request",
    "send_record",
    "wait_for_answer",
]
