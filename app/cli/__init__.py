"""The ``zegel`` commands, also under ``flask --app wsgi zegel``. Each command's module is loaded when it is called, so
that ``--help`` stays quick."""

import os

__all__ = ["main"]


def main() -> None:
    """The console script: runs the command that the arguments name and ends the process with its exit code."""
    # Before NumPy is loaded: with small matrices and several processes, threads of the linear algebra only wait for
    # each other (a fit of 5 ms was seen to take seconds on a busy machine).
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from app.cli.commands import zegel

    zegel(prog_name="zegel")
