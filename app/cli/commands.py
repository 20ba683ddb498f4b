"""The tree of commands. It names modules and does not load them: a command costs what it needs itself, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flask import Flask

# command: (module, the line that `--help` shows)
COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("serve", "Serve over HTTP in production mode."),
    "worker": ("operations", "Run the background jobs."),
    "db": ("schema", "The database's tables."),
    "demo": ("demo.command", "Fill an empty database with the demo town."),
    "merchant": ("shops", "Shops and their programmes."),
    "plan": ("plans", "What shops pay."),
    "device": ("devices", "Tablets at the counter."),
    "key": ("devices", "API keys for tills."),
    "staff": ("people", "People who work at a shop."),
    "operator": ("people", "People who run the platform."),
    "card": ("cards", "Printed cards, and codes for development."),
    "token": ("tokens", "Access tokens, for development and tests."),
    "webhook": ("webhooks", "Where merchants are told what happens."),
    "visits": ("visits", "Visit history of other systems."),
    "members": ("members", "What shops see of their members."),
    "mail": ("mails", "Mails that did not arrive."),
    "support": ("support", "Questions of members and shops."),
    "ledger": ("ledger", "The ledger's proof."),
    "insights": ("insights", "Customer value."),
    "backup": ("operations", "Copy the database to a file while it serves."),
    "restore": ("operations", "Put a backup in the database's place."),
    "doctor": ("operations", "Check the installation and say what to do."),
    "bench": ("bench", "Measure against the floor of this machine."),
}


def _is_there(module: str) -> bool:
    """Whether this installation has the module; looked for without loading its package."""
    place = Path(__file__).parent.joinpath(*module.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


class Commands(click.Group):
    """A group whose commands live in modules of this package, loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, (module, _) in COMMANDS.items() if _is_there(module)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(import_module(f"app.cli.{COMMANDS[name][0]}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort, click.ClickException):
            raise
        except Exception as error:
            from app.cli.failing import sentence

            told = sentence(error)
            if told is None:
                raise
            raise click.ClickException(told) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="zegel", message="zegel %(version)s")
def zegel() -> None:
    """One loyalty card, many independent shops.

    Commands that report take --json. Errors go to stderr, and the exit code is 0 only on success.
    """


def init_app(flask_app: Flask) -> None:
    """Put the commands under ``flask --app wsgi zegel`` too."""
    flask_app.cli.add_command(zegel)
