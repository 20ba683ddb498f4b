"""Files for browsers, in the smaller form that the build left beside them where the browser takes it.

``frontend/smaller.js`` writes ``name.br`` and ``name.gz`` beside every file worth it. Nothing is compressed while
serving: a tablet's first visit costs the service a read, not a second of processor time.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory
from werkzeug.security import safe_join

__all__ = ["AssetBlueprint", "send_asset"]

# The coding's name in HTTP and the ending of its files, the smallest first.
_CODINGS = (("br", ".br"), ("gzip", ".gz"))


class AssetBlueprint(Blueprint):
    """A blueprint whose static files are sent by :func:`send_asset`."""

    def send_static_file(self, filename: str) -> Response:
        """The file of that name under the static folder, which the blueprint must have; 404 where there is none."""
        assert self.static_folder is not None
        return send_asset(self.static_folder, filename, max_age=self.get_send_file_max_age(filename))


def send_asset(folder: str | Path, name: str, *, max_age: int | None = None) -> Response:
    """The file ``name`` (a path relative to ``folder``) for the request at hand, in a coding that it accepts.

    ``max_age`` is in seconds, None for asking again each time. Raises NotFound where there is no such file, or its path
    leads out of ``folder``.
    """
    copies = _copies(folder, name)
    coding = next((coding for coding in copies if request.accept_encodings.quality(coding) > 0), None)
    type_ = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = send_from_directory(folder, copies[coding] if coding else name, mimetype=type_, max_age=max_age)
    if coding:
        response.headers["Content-Encoding"] = coding
    if copies:
        response.vary.add("Accept-Encoding")
    return response


def _copies(folder: str | Path, name: str) -> dict[str, str]:
    """The codings in which there is a copy, and its name."""
    path = safe_join(str(folder), name)
    if path is None:
        return {}
    return {coding: name + ending for coding, ending in _CODINGS if Path(path + ending).is_file()}
