"""The words for every refusal: from a domain error's code to a sentence that says what happened and what to do.

Both faces read them here, so that a till and a page tell the same. A test fails for a code without a sentence.
"""

from app.messages.saying import FIELDS, SENTENCES, field, language, sentence, text

__all__ = ["FIELDS", "SENTENCES", "field", "language", "sentence", "text"]
