"""The ``zegel`` commands, also under ``flask --app wsgi zegel``. Each command's module is loaded when it is called, so
that ``--help`` stays quick."""

__all__ = ["main"]


def main() -> None:
    """The console script: runs the command that the arguments name and ends the process with its exit code."""
    from app.cli.commands import zegel

    zegel(prog_name="zegel")
