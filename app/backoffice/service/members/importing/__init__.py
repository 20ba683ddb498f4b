"""Lists that a business brings along: read, tried out, taken over by the jobs, and undone as a whole."""

from app.backoffice.service.members.importing.keeping import (
    TOPIC,
    ImportView,
    drop,
    forget_left,
    get_import,
    list_imports,
    problems_of,
    sheet_of,
    start,
    try_out,
    undo,
    upload,
)
from app.backoffice.service.members.importing.planning import Plan
from app.backoffice.service.members.importing.reading import MOST_BYTES, MOST_ROWS, ROLES, SAMPLE, Sheet
from app.backoffice.service.members.importing.running import go_on

__all__ = [
    "MOST_BYTES",
    "MOST_ROWS",
    "ROLES",
    "SAMPLE",
    "TOPIC",
    "ImportView",
    "Plan",
    "Sheet",
    "drop",
    "forget_left",
    "get_import",
    "go_on",
    "list_imports",
    "problems_of",
    "sheet_of",
    "start",
    "try_out",
    "undo",
    "upload",
]
